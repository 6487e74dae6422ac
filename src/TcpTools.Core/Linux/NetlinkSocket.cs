using System;
using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>A socket for asking the kernel about links, addresses, routes and neighbours (rtnetlink(7)). For one thread at a time.</summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    internal const ushort ErrorMessage = 2;
    internal const ushort DoneMessage = 3;

    internal const ushort Request = 0x1;
    internal const ushort Acknowledge = 0x4;
    internal const ushort Create = 0x400;
    internal const ushort Dump = 0x300;

    private readonly int _descriptor;
    private readonly byte[] _reply = new byte[32 * 1024];

    /// <exception cref="StackException">The system gives no such socket.</exception>
    internal NetlinkSocket()
    {
        _descriptor = LibC.Socket(LibC.AddressFamilyNetlink, LibC.SocketRaw | LibC.CloseOnExec, 0);
        if (_descriptor < 0)
        {
            throw SystemError.ToException(Marshal.GetLastPInvokeError(), "Opening a route netlink socket");
        }
    }

    /// <summary>A look at one message of a dump: its type and what is behind its header.</summary>
    internal delegate void Visit(ushort type, ReadOnlySpan<byte> body);

    /// <summary>The number of the last request.</summary>
    internal uint Sequence { get; private set; }

    /// <summary>Why the last call failed; 0 when it did not.</summary>
    internal int LastError { get; private set; }

    /// <summary>The number of the next request.</summary>
    internal uint NextSequence() => ++Sequence;

    /// <summary>Finds an attribute behind a message's fixed part; empty when it is not there.</summary>
    internal static ReadOnlySpan<byte> FindAttribute(ReadOnlySpan<byte> attributes, ushort kind)
    {
        while (TryNextAttribute(ref attributes, out ushort found, out ReadOnlySpan<byte> value))
        {
            if (found == kind)
            {
                return value;
            }
        }

        return [];
    }

    /// <summary>Takes the next attribute off the front.</summary>
    internal static bool TryNextAttribute(scoped ref ReadOnlySpan<byte> attributes, out ushort kind, out ReadOnlySpan<byte> value)
    {
        const int FlagBits = 0xc000;
        kind = 0;
        value = default;
        if (attributes.Length < NetlinkRequest.AttributeHeaderLength)
        {
            return false;
        }

        int length = MemoryMarshal.Read<ushort>(attributes);
        if (length < NetlinkRequest.AttributeHeaderLength || length > attributes.Length)
        {
            return false;
        }

        kind = (ushort)(MemoryMarshal.Read<ushort>(attributes[2..]) & ~FlagBits);
        value = attributes[NetlinkRequest.AttributeHeaderLength..length];
        attributes = attributes[Math.Min(NetlinkRequest.Align(length), attributes.Length)..];
        return true;
    }

    /// <summary>Sends a request and shows every message of the answer, up to its end or to the first one where one is all.</summary>
    /// <returns>0 or the kernel's error number.</returns>
    internal int Ask(NetlinkRequest request, bool isDump, Visit visit)
    {
        if (!Transmit(request.Bytes))
        {
            return LastError;
        }

        while (true)
        {
            ReadOnlySpan<byte> reply = ReceiveReply();
            while (TryNext(ref reply, out ushort type, out uint sequence, out ReadOnlySpan<byte> body))
            {
                if (sequence != Sequence)
                {
                    continue;
                }

                if (type is ErrorMessage or DoneMessage)
                {
                    return body.Length >= sizeof(int) ? -MemoryMarshal.Read<int>(body) : 0;
                }

                visit(type, body);
                if (!isDump)
                {
                    return 0;
                }
            }

            if (LastError != 0)
            {
                return LastError;
            }
        }
    }

    /// <summary>Sends a request that is acknowledged and gives 0 or the kernel's error number.</summary>
    internal int Exchange(NetlinkRequest request)
    {
        if (!Transmit(request.Bytes))
        {
            return LastError;
        }

        while (true)
        {
            ReadOnlySpan<byte> reply = ReceiveReply();
            while (TryNext(ref reply, out ushort type, out uint sequence, out ReadOnlySpan<byte> body))
            {
                if (sequence == Sequence && type == ErrorMessage && body.Length >= sizeof(int))
                {
                    return -MemoryMarshal.Read<int>(body);
                }
            }

            if (LastError != 0)
            {
                return LastError;
            }
        }
    }

    /// <summary>Sends a request; false, with the reason in <see cref="LastError"/>, when the system does not take it.</summary>
    internal bool Transmit(ReadOnlySpan<byte> message)
    {
        fixed (byte* bytes = message)
        {
            LastError = LibC.Send(_descriptor, bytes, (nuint)message.Length, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }

        return LastError == 0;
    }

    /// <summary>Waits for messages; they are valid until the next call.</summary>
    internal ReadOnlySpan<byte> ReceiveReply()
    {
        fixed (byte* bytes = _reply)
        {
            nint length = LibC.Receive(_descriptor, bytes, (nuint)_reply.Length, 0);
            int error = length < 0 ? Marshal.GetLastPInvokeError() : 0;
            LastError = error == SystemError.Interrupted ? 0 : error;
            return _reply.AsSpan(0, (int)Math.Max(length, 0));
        }
    }

    /// <summary>Takes the next message off the front of what was received.</summary>
    internal static bool TryNext(
        ref ReadOnlySpan<byte> reply, out ushort type, out uint sequence, out ReadOnlySpan<byte> body)
    {
        type = 0;
        sequence = 0;
        body = default;
        if (reply.Length < NetlinkRequest.HeaderLength)
        {
            return false;
        }

        int length = (int)MemoryMarshal.Read<uint>(reply);
        if (length < NetlinkRequest.HeaderLength || length > reply.Length)
        {
            return false;
        }

        type = MemoryMarshal.Read<ushort>(reply[4..]);
        sequence = MemoryMarshal.Read<uint>(reply[8..]);
        body = reply[NetlinkRequest.HeaderLength..length];
        reply = reply[Math.Min(NetlinkRequest.Align(length), reply.Length)..];
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = LibC.Close(_descriptor);
}
