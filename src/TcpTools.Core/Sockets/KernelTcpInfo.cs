using System;
using System.Runtime.InteropServices;
using TcpTools.Linux;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Sockets;

/// <summary>What the kernel tells of a connection (struct tcp_info of linux/tcp.h), in the words of ours.</summary>
internal static class KernelTcpInfo
{
    /// <summary>As much as any kernel so far tells.</summary>
    public const int Size = 256;

    private const int Recovery = 3;
    private const byte HasTimestamps = 1;
    private const byte HasSack = 2;
    private const byte HasScaling = 4;

    /// <summary>The state, which comes first in the structure.</summary>
    public static TcpState StateOf(byte state) => state switch
    {
        1 => TcpState.Established,
        2 => TcpState.SynSent,
        3 or 12 => TcpState.SynReceived,
        4 => TcpState.FinWait1,
        5 => TcpState.FinWait2,
        6 => TcpState.TimeWait,
        8 => TcpState.CloseWait,
        9 => TcpState.LastAck,
        10 => TcpState.Listen,
        11 => TcpState.Closing,
        _ => TcpState.Closed,
    };

    /// <summary>Everything that a socket and its kernel tell.</summary>
    public static TcpInfo Read(TcpSocket socket, FlowKey flow, TcpCloseReason reason, string lastError)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear(); // what this kernel does not know is 0
        _ = socket.ReadInfo(bytes);
        int mss = (int)UInt32(bytes, 16);
        uint lost = UInt32(bytes, 32);
        uint inFlight = UInt32(bytes, 24) - UInt32(bytes, 28) - lost + UInt32(bytes, 36);
        uint threshold = UInt32(bytes, 76);
        uint minimum = UInt32(bytes, 148);
        long bytesOut = (long)UInt64(bytes, 200);
        long bytesAgain = (long)UInt64(bytes, 208);
        return new TcpInfo
        {
            Key = flow,
            TakenAt = KernelClock.Now,
            State = StateOf(bytes[0]),
            CloseReason = reason,
            LastError = lastError,
            SendWindow = UInt32(bytes, 228),
            ReceiveWindow = UInt32(bytes, 232) is > 0 and uint window ? window : UInt32(bytes, 96),
            SendMaximumSegment = mss,
            ReceiveMaximumSegment = (int)UInt32(bytes, 84),
            WindowScaling = (bytes[5] & HasScaling) != 0,
            // Bit fields fill a byte from the end that the machine begins with.
            SendWindowScale = BitConverter.IsLittleEndian ? bytes[6] & 15 : bytes[6] >> 4,
            ReceiveWindowScale = BitConverter.IsLittleEndian ? bytes[6] >> 4 : bytes[6] & 15,
            Timestamps = (bytes[5] & HasTimestamps) != 0,
            Sack = (bytes[5] & HasSack) != 0,
            CongestionControl = socket.ReadCongestionControl(),
            CongestionWindow = Bytes(UInt32(bytes, 80), mss),
            SlowStartThreshold = threshold >= int.MaxValue ? int.MaxValue : Bytes(threshold, mss),
            BytesInFlight = Bytes(inFlight, mss),
            InRecovery = bytes[1] == Recovery,
            SmoothedRtt = Microseconds(UInt32(bytes, 68)),
            RttVariation = Microseconds(UInt32(bytes, 72)),
            MinimumRtt = minimum == uint.MaxValue ? TimeSpan.Zero : Microseconds(minimum),
            RetransmissionTimeout = Microseconds(UInt32(bytes, 8)),
            BackOffs = bytes[4],
            SegmentsOut = UInt32(bytes, 136),
            SegmentsIn = UInt32(bytes, 140),
            BytesIn = (long)UInt64(bytes, 128),
            BytesOut = bytesOut,
            // The kernel counts the SYN and the FIN as bytes.
            BytesAcknowledged = Math.Clamp((long)UInt64(bytes, 120) - 1, 0, Math.Max(0, bytesOut - bytesAgain)),
            RetransmittedSegments = UInt32(bytes, 100),
            RetransmittedBytes = bytesAgain,
            Timeouts = MemoryMarshal.Read<ushort>(bytes[240..]),
            OutOfOrderIn = UInt32(bytes, 224),
            DuplicateSacksIn = UInt32(bytes, 216),
            ZeroWindowProbes = bytes[3],
            UnreadBytes = socket.Unread,
            BufferedBytes = socket.Unacknowledged,
            UnsentBytes = (int)UInt32(bytes, 144),
            ReceiveBufferSize = socket.Get(LibC.SocketLevel, LibC.ReceiveBuffer),
            SendBufferSize = socket.Get(LibC.SocketLevel, LibC.SendBuffer),
        };
    }

    private static int Bytes(uint segments, int mss) => (int)Math.Min((long)segments * mss, int.MaxValue);

    private static TimeSpan Microseconds(uint value) => new(value * TimeSpan.TicksPerMicrosecond);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<uint>(bytes[at..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<ulong>(bytes[at..]);
}
