//! `Plain`: what every structure of this interface is made of, and the macro that defines them.
//!
//! A plain value is numbers and pointers only: all zeroes is a valid value of it, and so is any
//! other bit pattern. It can therefore be decoded from the bytes of an option, an ioctl or a
//! control message, and encoded into them, without unsafe code; padding is never read and is left
//! alone when written. Relied on by option and ioctl code in the provider and the client DLL.

use core::mem::size_of;

/// Numbers, pointers, and structures and arrays of them.
pub trait Plain: Copy + 'static {
    /// The value whose bytes are all zero: numbers 0, pointers null.
    const EMPTY: Self;

    /// The value that stands at the start of `bytes`, in the byte order of this machine.
    /// `None` when there are fewer than `size_of::<Self>()` bytes; further bytes are ignored.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// Writes the value to the start of `out`, leaving padding and what follows untouched.
    /// `None`, with nothing written, when there are fewer than `size_of::<Self>()` bytes.
    fn encode(&self, out: &mut [u8]) -> Option<()>;
}

macro_rules! plain_numbers {
    ($($number:ty)+) => { $(
        impl Plain for $number {
            const EMPTY: Self = 0;

            fn decode(bytes: &[u8]) -> Option<Self> {
                bytes.first_chunk().map(|chunk| Self::from_ne_bytes(*chunk))
            }

            fn encode(&self, out: &mut [u8]) -> Option<()> {
                *out.first_chunk_mut()? = self.to_ne_bytes();
                Some(())
            }
        }
    )+ };
}

plain_numbers! { u8 i8 u16 i16 u32 i32 u64 i64 usize isize }

impl<T: 'static> Plain for *mut T {
    const EMPTY: Self = core::ptr::null_mut();

    fn decode(bytes: &[u8]) -> Option<Self> {
        usize::decode(bytes).map(core::ptr::with_exposed_provenance_mut)
    }

    fn encode(&self, out: &mut [u8]) -> Option<()> {
        self.expose_provenance().encode(out)
    }
}

impl<T: 'static> Plain for *const T {
    const EMPTY: Self = core::ptr::null();

    fn decode(bytes: &[u8]) -> Option<Self> {
        usize::decode(bytes).map(core::ptr::with_exposed_provenance)
    }

    fn encode(&self, out: &mut [u8]) -> Option<()> {
        self.expose_provenance().encode(out)
    }
}

impl<T: Plain, const N: usize> Plain for [T; N] {
    const EMPTY: Self = [T::EMPTY; N];

    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..size_of::<Self>())?;
        let mut array = Self::EMPTY;
        for (item, chunk) in array.iter_mut().zip(bytes.chunks_exact(size_of::<T>())) {
            *item = T::decode(chunk)?;
        }
        Some(array)
    }

    fn encode(&self, out: &mut [u8]) -> Option<()> {
        let out = out.get_mut(..size_of::<Self>())?;
        for (item, chunk) in self.iter().zip(out.chunks_exact_mut(size_of::<T>())) {
            item.encode(chunk)?;
        }
        Some(())
    }
}

/// Defines `#[repr(C)]` structures with Microsoft's names, each `Clone`, `Copy`, `Debug`,
/// `Default`, [`Plain`], and with an inherent constant `EMPTY`; and `LAYOUTS`. Once per module.
macro_rules! plain_structs {
    ($(
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $( $(#[$field_attribute:meta])* pub $field:ident: $type:ty, )+
        }
    )+) => { $(
        $(#[$attribute])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            $( $(#[$field_attribute])* pub $field: $type, )+
        }

        impl $name {
            /// The value whose bytes are all zero.
            pub const EMPTY: Self = <Self as $crate::types::Plain>::EMPTY;
        }

        impl Default for $name {
            fn default() -> Self {
                Self::EMPTY
            }
        }

        impl $crate::types::Plain for $name {
            const EMPTY: Self = Self { $( $field: <$type as $crate::types::Plain>::EMPTY, )+ };

            fn decode(bytes: &[u8]) -> Option<Self> {
                let bytes = bytes.get(..size_of::<Self>())?;
                Some(Self { $(
                    $field: $crate::types::Plain::decode(
                        bytes.get(core::mem::offset_of!(Self, $field)..)?,
                    )?,
                )+ })
            }

            fn encode(&self, out: &mut [u8]) -> Option<()> {
                let out = out.get_mut(..size_of::<Self>())?;
                $( $crate::types::Plain::encode(
                    &self.$field,
                    out.get_mut(core::mem::offset_of!(Self, $field)..)?,
                )?; )+
                Some(())
            }
        }
    )+

        /// The layouts of the structures above.
        pub(crate) const LAYOUTS: &[$crate::types::layout::Layout] = &[ $(
            $crate::types::layout::Layout {
                name: stringify!($name),
                size: size_of::<$name>(),
                align: align_of::<$name>(),
                fields: &[ $(
                    $crate::types::layout::FieldLayout {
                        name: stringify!($field),
                        offset: core::mem::offset_of!($name, $field),
                        size: size_of::<$type>(),
                    },
                )+ ],
            },
        )+ ];
    };
}

pub(crate) use plain_structs;
