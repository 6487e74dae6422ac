using System;
using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>
/// Tells which of many descriptors something has happened to (epoll(7)), each time once. One thread waits; any may add,
/// remove and wake.
/// </summary>
internal sealed unsafe class EventPoll : IDisposable
{
    private const int Batch = 64;
    private const ulong WakeKey = 0;

    // struct epoll_event is packed on x86 and on no other machine.
    private static readonly int s_keyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int s_size = s_keyOffset + 8;

    private readonly byte[] _events = new byte[Batch * s_size];
    private readonly int _poll;
    private readonly int _wake;

    /// <summary>One that watches nothing yet.</summary>
    /// <exception cref="StackException">The process has no descriptor left.</exception>
    internal EventPoll()
    {
        _poll = LibC.EventPoll(LibC.CloseOnExec);
        _wake = _poll < 0 ? -1 : LibC.EventDescriptor(0, LibC.NonBlocking | LibC.CloseOnExec);
        if (_wake < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            Dispose();
            throw SystemError.ToException(error, "Making an event descriptor");
        }

        _ = Add(_wake, WakeKey, (uint)LibC.PollIn);
    }

    /// <summary>Watches a socket for everything that can happen to it. <paramref name="key"/> is not 0.</summary>
    /// <returns>0, or the kernel's error number.</returns>
    internal int Add(int descriptor, ulong key) => Add(
        descriptor,
        key,
        (uint)(LibC.PollIn | LibC.PollOut | LibC.PollUrgent) | LibC.PollPeerFinished | LibC.PollEdges);

    /// <summary>Stops watching.</summary>
    internal void Remove(int descriptor)
    {
        byte* ignored = stackalloc byte[16];
        _ = LibC.ControlEventPoll(_poll, LibC.PollRemove, descriptor, ignored);
    }

    /// <summary>Ends the wait, or the next one.</summary>
    internal void Wake()
    {
        ulong one = 1;
        _ = LibC.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Waits for something to happen; -1 milliseconds for as long as it takes.</summary>
    /// <returns>How many results there are to ask <see cref="Get"/> for.</returns>
    internal int Wait(int milliseconds)
    {
        fixed (byte* events = _events)
        {
            return Math.Max(0, LibC.WaitEventPoll(_poll, events, Batch, milliseconds));
        }
    }

    /// <summary>What has happened, and to which key. A wake-up is told by a key of 0.</summary>
    internal (uint Events, ulong Key) Get(int index)
    {
        ReadOnlySpan<byte> result = _events.AsSpan(index * s_size, s_size);
        ulong key = MemoryMarshal.Read<ulong>(result[s_keyOffset..]);
        if (key == WakeKey)
        {
            ulong count;
            _ = LibC.Read(_wake, (byte*)&count, sizeof(ulong));
        }

        return (MemoryMarshal.Read<uint>(result), key);
    }

    public void Dispose()
    {
        if (_poll >= 0)
        {
            _ = LibC.Close(_poll);
        }

        if (_wake >= 0)
        {
            _ = LibC.Close(_wake);
        }
    }

    private int Add(int descriptor, ulong key, uint wanted)
    {
        Span<byte> one = stackalloc byte[16];
        one.Clear();
        MemoryMarshal.Write(one, wanted);
        MemoryMarshal.Write(one[s_keyOffset..], key);
        fixed (byte* bytes = one)
        {
            return LibC.ControlEventPoll(_poll, LibC.PollAdd, descriptor, bytes) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
    }
}
