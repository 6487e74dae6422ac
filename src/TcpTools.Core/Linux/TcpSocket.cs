using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace TcpTools.Linux;

/// <summary>
/// A TCP socket of the kernel's that never waits. Addresses are 4 or 16 bytes. It does not guard against being closed while
/// it is used: its owner does.
/// </summary>
internal sealed unsafe class TcpSocket : IDisposable
{
    private const int NameSize = 28; // of a struct sockaddr_in6; that of IPv4 has 16

    private TcpSocket(int descriptor)
    {
        Descriptor = descriptor;
    }

    /// <summary>The descriptor; -1 when it has been closed.</summary>
    internal int Descriptor { get; private set; }

    /// <summary>Received bytes that wait to be read.</summary>
    internal int Unread => ReadNumber(LibC.ReadableBytes);

    /// <summary>Written bytes, and the FIN, that the peer has not acknowledged.</summary>
    internal int Unacknowledged => ReadNumber(LibC.UnacknowledgedBytes);

    /// <summary>Takes the error that has happened to the connection since it was last asked; 0 for none.</summary>
    internal int TakeError() => Get(LibC.SocketLevel, LibC.PendingError);

    /// <summary>Makes one, in the network namespace of the calling thread.</summary>
    /// <exception cref="StackException">The kernel has none to give.</exception>
    internal static TcpSocket Open(bool isIPv6)
    {
        int descriptor = LibC.Socket(
            isIPv6 ? LibC.AddressFamilyIPv6 : LibC.AddressFamilyIPv4,
            LibC.SocketStream | LibC.NonBlocking | LibC.CloseOnExec,
            LibC.ProtocolTcp);
        return descriptor >= 0
            ? new TcpSocket(descriptor)
            : throw SystemError.ToException(Marshal.GetLastPInvokeError(), "Opening a TCP socket");
    }

    /// <summary>Starts to connect; 0 or the kernel's error number, which is as a rule that the connecting goes on.</summary>
    internal int Connect(ReadOnlySpan<byte> address, int port)
    {
        byte* name = stackalloc byte[NameSize];
        uint length = Write(name, address, port);
        return LibC.Connect(Descriptor, name, length) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Takes an address and a port, 0 for any; 0 or the kernel's error number.</summary>
    internal int Bind(ReadOnlySpan<byte> address, int port)
    {
        byte* name = stackalloc byte[NameSize];
        uint length = Write(name, address, port);
        return LibC.Bind(Descriptor, name, length) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Starts to take connections; 0 or the kernel's error number.</summary>
    internal int Listen(int backlog) => LibC.Listen(Descriptor, backlog) < 0 ? Marshal.GetLastPInvokeError() : 0;

    /// <summary>Takes a connection that waits; null when there is none, or for the error given.</summary>
    internal TcpSocket? Accept(out int error)
    {
        int descriptor = LibC.Accept(Descriptor, null, null, LibC.NonBlocking | LibC.CloseOnExec);
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new TcpSocket(descriptor);
    }

    /// <summary>Reads; -1 with the error.</summary>
    internal int Receive(Span<byte> destination, int flags, out int error)
    {
        fixed (byte* bytes = destination)
        {
            int count = (int)LibC.Receive(Descriptor, bytes, (nuint)destination.Length, flags | LibC.DoNotWait);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    /// <summary>Writes what there is room for; -1 with the error.</summary>
    internal int Send(ReadOnlySpan<byte> data, int flags, out int error)
    {
        fixed (byte* bytes = data)
        {
            int count = (int)LibC.Send(Descriptor, bytes, (nuint)data.Length, flags | LibC.DoNotWait | LibC.NoSignal);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    /// <summary>Finishes sending.</summary>
    internal void Shutdown() => _ = LibC.Shutdown(Descriptor, LibC.ShutdownWrite);

    /// <summary>Which of some events hold now.</summary>
    internal short Poll(short events)
    {
        PollEntry entry = new() { Descriptor = Descriptor, Events = events };
        TimeSpecification none = default;
        return LibC.Poll(&entry, 1, &none, null) > 0 ? entry.Returned : (short)0;
    }

    /// <summary>Sets an option that is a number; false when the kernel refuses.</summary>
    internal bool TrySet(int level, int option, int value) => LibC.TrySetOption(Descriptor, level, option, value);

    /// <summary>An option that is a number; 0 when there is none.</summary>
    internal int Get(int level, int option)
    {
        int value = 0;
        uint length = sizeof(int);
        return LibC.GetOption(Descriptor, level, option, &value, &length) == 0 ? value : 0;
    }

    /// <summary>Makes closing a reset (socket(7), SO_LINGER).</summary>
    internal void ResetOnClose()
    {
        long onAndZeroSeconds = BitConverter.IsLittleEndian ? 1L : 1L << 32;
        _ = LibC.SetOption(Descriptor, LibC.SocketLevel, LibC.SocketLinger, &onAndZeroSeconds, sizeof(long));
    }

    /// <summary>The name of the congestion control.</summary>
    internal string ReadCongestionControl()
    {
        byte* name = stackalloc byte[16];
        uint length = 16;
        return LibC.GetOption(Descriptor, LibC.ProtocolTcp, LibC.TcpCongestion, name, &length) == 0
            ? Encoding.ASCII.GetString(name, (int)length).TrimEnd('\0')
            : "";
    }

    /// <summary>Reads struct tcp_info; how many bytes of it this kernel has, 0 when it gives none.</summary>
    internal int ReadInfo(Span<byte> information)
    {
        fixed (byte* bytes = information)
        {
            uint length = (uint)information.Length;
            return LibC.GetOption(Descriptor, LibC.ProtocolTcp, LibC.TcpInformation, bytes, &length) == 0 ? (int)length : 0;
        }
    }

    /// <summary>This side's address and port, or the peer's; an empty address when there is none.</summary>
    internal (byte[] Address, int Port) ReadName(bool isPeer)
    {
        byte* name = stackalloc byte[NameSize];
        uint length = NameSize;
        int result = isPeer ? LibC.PeerName(Descriptor, name, &length) : LibC.SocketName(Descriptor, name, &length);
        if (result < 0 || length < 16)
        {
            return ([], 0);
        }

        ReadOnlySpan<byte> bytes = new(name, (int)length);
        bool isIPv6 = MemoryMarshal.Read<ushort>(bytes) == LibC.AddressFamilyIPv6;
        return (bytes.Slice(isIPv6 ? 8 : 4, isIPv6 ? 16 : 4).ToArray(), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
    }

    /// <summary>Closes it, after which it is only -1.</summary>
    public void Dispose()
    {
        if (Descriptor >= 0)
        {
            _ = LibC.Close(Descriptor);
            Descriptor = -1;
        }
    }

    private static uint Write(byte* name, ReadOnlySpan<byte> address, int port)
    {
        Span<byte> bytes = new(name, NameSize);
        bytes.Clear();
        bool isIPv6 = address.Length == 16;
        MemoryMarshal.Write(bytes, (ushort)(isIPv6 ? LibC.AddressFamilyIPv6 : LibC.AddressFamilyIPv4));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        address.CopyTo(bytes[(isIPv6 ? 8 : 4)..]);
        return isIPv6 ? 28u : 16u;
    }

    private int ReadNumber(nuint request)
    {
        int value = 0;
        return LibC.IoControl(Descriptor, request, (nint)(&value)) < 0 ? 0 : value;
    }
}
