//! What a Wine- or Proton-style compatibility layer needs: the tables in the win64 convention.
