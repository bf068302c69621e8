//! Flags of sending and receiving, TransmitFile, TransmitPackets, DisconnectEx.

use super::constants;

constants! {
    u32 {
        MSG_OOB = 1, "Urgent data.";
        MSG_PEEK = 2, "Leave the data in the queue.";
        MSG_DONTROUTE = 4, "Do not route; accepted and ignored.";
        MSG_WAITALL = 8, "Streams: return when the buffers are full.";
        MSG_INTERRUPT = 0x10, "Reserved for interrupt context.";
        MSG_PUSH_IMMEDIATE = 0x20, "Streams: do not wait for more data.";
        MSG_TRUNC = 0x100, "The datagram was longer than the buffers.";
        MSG_CTRUNC = 0x200, "The control data were longer than their buffer.";
        MSG_BCAST = 0x400, "The datagram was broadcast.";
        MSG_MCAST = 0x800, "The datagram was multicast.";
        MSG_ERRQUEUE = 0x1000, "Receive from the error queue.";
        MSG_PARTIAL = 0x8000, "Part of a message.";

        TF_DISCONNECT = 1, "TransmitFile: disconnect afterwards.";
        TF_REUSE_SOCKET = 2, "TransmitFile, DisconnectEx: make the socket usable again.";
        TF_WRITE_BEHIND = 4, "TransmitFile: complete before the data are acknowledged.";
        TF_USE_DEFAULT_WORKER = 0, "TransmitFile: the system chooses the thread.";
        TF_USE_SYSTEM_THREAD = 0x10, "TransmitFile: use a system thread.";
        TF_USE_KERNEL_APC = 0x20, "TransmitFile: use kernel APCs.";
        DE_REUSE_SOCKET = 2, "DisconnectEx: make the socket usable again.";
        TP_DISCONNECT = 1, "TransmitPackets: disconnect afterwards.";
        TP_REUSE_SOCKET = 2, "TransmitPackets: make the socket usable again.";
        TP_USE_DEFAULT_WORKER = 0, "TransmitPackets: the system chooses the thread.";
        TP_USE_SYSTEM_THREAD = 0x10, "TransmitPackets: use a system thread.";
        TP_USE_KERNEL_APC = 0x20, "TransmitPackets: use kernel APCs.";
        TP_ELEMENT_MEMORY = 1, "TransmitPackets: the element is memory.";
        TP_ELEMENT_FILE = 2, "TransmitPackets: the element is part of a file.";
        TP_ELEMENT_EOP = 4, "TransmitPackets: the element ends a packet.";
    }
}
