using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Threading;

namespace TcpTools.Linux;

/// <summary>
/// An AF_PACKET socket (packet(7)). It receives nothing before it is bound, and everything else is set up by then: no frame
/// slips in that the filter does not let pass. Promiscuous mode is a membership of the socket's, which the kernel ends
/// with it, however the process ends. One thread receives, one sends.
/// </summary>
internal sealed unsafe class PacketSocket : IDisposable
{
    internal const int VirtioHeaderLength = 10;

    private const ushort AllProtocols = 3;
    private const int AddMembership = 1;
    private const int Statistics = 6;
    private const int AuxiliaryData = 8;
    private const int VirtioHeaders = 15;
    private const int IgnoreOutgoing = 23;

    private readonly PacketSocketOptions _options;
    private readonly IPacketSource? _source;
    private int _descriptor;
    private long _received;
    private long _dropped;

    private PacketSocket(int descriptor, PacketSocketOptions options)
    {
        _descriptor = descriptor;
        _options = options;
        try
        {
            Configure();
            _source = !options.Receives ? null : options.Ring
                ? new PacketRing(descriptor, options.BufferSize, options.VirtioHeader)
                : new PacketBatch(descriptor, options.VirtioHeader);
            Bind();
        }
        catch
        {
            _source?.Dispose();
            throw;
        }
    }

    /// <summary>The descriptor; -1 when the socket is closed.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>The interface that the socket is bound to; 0 for all.</summary>
    internal int Interface => _options.Interface;

    /// <summary>Opens a socket.</summary>
    /// <exception cref="StackException">The process may not, or the interface is not there.</exception>
    internal static PacketSocket Open(PacketSocketOptions options)
    {
        int type = (options.IsCooked ? LibC.SocketDatagram : LibC.SocketRaw) | LibC.NonBlocking | LibC.CloseOnExec;
        int descriptor = LibC.Socket(LibC.AddressFamilyPacket, type, 0);
        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw error is SystemError.OperationNotPermitted or SystemError.AccessDenied
                ? new StackException(
                    StackError.NotPermitted,
                    "Sending and receiving raw frames on an interface is not permitted to this process.",
                    "Run as root, or give the process CAP_NET_RAW.")
                : SystemError.ToException(error, "Opening a packet socket");
        }

        try
        {
            return new PacketSocket(descriptor, options);
        }
        catch
        {
            _ = LibC.Close(descriptor);
            throw;
        }
    }

    /// <summary>Takes the next frame that has arrived.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StackException">The interface has gone or was taken down.</exception>
    internal bool TryReceive(out SocketFrame frame)
    {
        if (_source is null || _descriptor < 0)
        {
            frame = default;
            return false;
        }

        return _source.TryTake(out frame);
    }

    /// <summary>From now on the kernel keeps what another program lets pass; what it holds already stays.</summary>
    internal void SetFilter(BpfProgram? program)
    {
        if (program is null)
        {
            _ = LibC.TrySetOption(_descriptor, LibC.SocketLevel, LibC.DetachFilter, 0);
            return;
        }

        fixed (BpfInstruction* instructions = program.Instructions)
        {
            FilterReference reference = new() { Length = (ushort)program.Instructions.Length, Instructions = instructions };
            Check(
                LibC.SetOption(_descriptor, LibC.SocketLevel, LibC.AttachFilter, &reference, (uint)sizeof(FilterReference)),
                "Attaching a filter");
        }
    }

    /// <summary>Frames that passed the filter since the socket was opened, and those of them that found no room.</summary>
    internal (long Received, long Dropped) ReadStatistics()
    {
        uint* counts = stackalloc uint[3];
        uint length = 3 * sizeof(uint);
        // Reading sets the kernel's counts back to zero.
        if (_descriptor >= 0 && LibC.GetOption(_descriptor, LibC.PacketLevel, Statistics, counts, &length) == 0)
        {
            _received += counts[0];
            _dropped += counts[1];
        }

        return (_received, _dropped);
    }

    /// <summary>Sends a frame; 0 or the kernel's error number.</summary>
    /// <param name="frame">The frame, behind its virtio header where the socket has them.</param>
    /// <param name="protocol">The EtherType that the kernel is to take it for; with a cooked socket it matters.</param>
    internal int Send(ReadOnlySpan<byte> frame, ushort protocol)
    {
        PacketAddress address = Address(protocol);
        fixed (byte* bytes = frame)
        {
            return LibC.SendTo(_descriptor, bytes, (nuint)frame.Length, 0, &address, PacketAddress.Size) < 0
                ? Marshal.GetLastPInvokeError()
                : 0;
        }
    }

    /// <summary>The address to send a frame of this EtherType to.</summary>
    internal PacketAddress Address(ushort protocol) => new()
    {
        Family = LibC.AddressFamilyPacket,
        Protocol = BinaryPrimitives.ReverseEndianness(protocol),
        InterfaceIndex = _options.Interface,
    };

    /// <summary>Closes the socket; with it go its memory, its filter and its promiscuous mode.</summary>
    public void Dispose()
    {
        int descriptor = _descriptor;
        _descriptor = -1;
        if (descriptor < 0)
        {
            return;
        }

        _ = ReadStatistics();
        _source?.Dispose();
        if (_options.Promiscuous)
        {
            // Who asked for this mode may look whether it has ended.
            _ = LibC.Close(descriptor);
            return;
        }

        // The kernel lets every processor pass before it forgets a packet socket. Who exchanges single packets would wait
        // longer for that, some 10 ms, than for the answers.
        ThreadPool.UnsafeQueueUserWorkItem(static open => _ = LibC.Close(open), descriptor, preferLocal: false);
    }

    private static void Check(int result, string action)
    {
        if (result < 0)
        {
            throw SystemError.ToException(Marshal.GetLastPInvokeError(), action);
        }
    }

    private void Configure()
    {
        if (_options.VirtioHeader && !LibC.TrySetOption(_descriptor, LibC.PacketLevel, VirtioHeaders, 1))
        {
            throw SystemError.ToException(Marshal.GetLastPInvokeError(), "Asking for offload facts");
        }

        if (!_options.Receives)
        {
            return;
        }

        if (_options.IgnoreOutgoing)
        {
            // A kernel without it (before 4.20) shows them, and the receiver leaves them out.
            _ = LibC.TrySetOption(_descriptor, LibC.PacketLevel, IgnoreOutgoing, 1);
        }

        if (!_options.Ring)
        {
            _ = LibC.TrySetOption(_descriptor, LibC.SocketLevel, LibC.TimestampNanoseconds, 1);
            _ = LibC.TrySetOption(_descriptor, LibC.PacketLevel, AuxiliaryData, 1);
            if (!LibC.TrySetOption(_descriptor, LibC.SocketLevel, LibC.ReceiveBufferForce, _options.BufferSize))
            {
                _ = LibC.TrySetOption(_descriptor, LibC.SocketLevel, LibC.ReceiveBuffer, _options.BufferSize);
            }
        }

        if (_options.Filter is { } filter)
        {
            SetFilter(filter);
        }

        if (_options.Promiscuous)
        {
            Membership membership = new() { Interface = _options.Interface, Kind = 1 };
            Check(
                LibC.SetOption(_descriptor, LibC.PacketLevel, AddMembership, &membership, (uint)sizeof(Membership)),
                "Entering promiscuous mode");
        }
    }

    private void Bind()
    {
        PacketAddress address = Address(_options.Receives ? AllProtocols : (ushort)0);
        if (LibC.Bind(_descriptor, &address, PacketAddress.Size) < 0)
        {
            throw InterfaceGone.ToException(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterReference
    {
        internal ushort Length;
        internal BpfInstruction* Instructions;
    }

    /// <summary>struct packet_mreq; the kind 1 is promiscuous mode.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Membership
    {
        internal int Interface;
        internal ushort Kind;
        internal ushort AddressLength;
        internal ulong Address;
    }
}
