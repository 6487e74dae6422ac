using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace TcpTools.Linux;

/// <summary>
/// Waits for descriptors to become readable, for a deadline, or for another thread's <see cref="Wake"/>. One thread
/// watches and waits; any thread may wake.
/// </summary>
internal sealed unsafe class Poller : IDisposable
{
    private readonly int _wakeDescriptor;
    private readonly Lock _closing = new();
    private PollEntry[] _entries;
    private int _count = 1;
    private int _wakePending;
    private bool _disposed;

    /// <summary>A poller that watches nothing yet.</summary>
    /// <exception cref="StackException">The process has no descriptor left.</exception>
    internal Poller()
    {
        _wakeDescriptor = LibC.EventDescriptor(0, LibC.NonBlocking | LibC.CloseOnExec);
        if (_wakeDescriptor < 0)
        {
            throw SystemError.ToException(Marshal.GetLastPInvokeError(), "Making an event descriptor");
        }

        _entries = new PollEntry[4];
        _entries[0] = new PollEntry { Descriptor = _wakeDescriptor, Events = LibC.PollIn };
    }

    /// <summary>
    /// Lets the calling thread's timed waits end when they are due instead of up to 50 us later, which is the kernel's
    /// default slack; retransmission timers do not need that, pacing and low delays do.
    /// </summary>
    internal static void UsePreciseTimers() => _ = LibC.ProcessControl(LibC.SetTimerSlack, 1, 0, 0, 0);

    /// <summary>Also waits for <paramref name="descriptor"/>. Returns the index to ask <see cref="IsReady"/> with.</summary>
    internal int Watch(int descriptor)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        _entries[_count] = new PollEntry { Descriptor = descriptor, Events = LibC.PollIn };
        return _count++;
    }

    /// <summary>
    /// Waits for another descriptor at an index that <see cref="Watch"/> returned. A negative descriptor is never ready,
    /// which is how to stop watching one.
    /// </summary>
    internal void Replace(int index, int descriptor)
    {
        _entries[index].Descriptor = descriptor;
        _entries[index].Returned = 0;
    }

    /// <summary>Whether the last <see cref="Wait"/> found the descriptor readable, or broken.</summary>
    internal bool IsReady(int index) => _entries[index].Returned != 0;

    /// <summary>Whether the descriptor at this index will never be readable again: its device is gone.</summary>
    internal bool IsBroken(int index) =>
        (_entries[index].Returned & (LibC.PollError | LibC.PollHangUp | LibC.PollInvalid)) != 0;

    /// <summary>
    /// Waits until a descriptor is ready, <see cref="Wake"/> was called since the last wait, or <paramref name="timeout"/>
    /// has passed (negative: no limit). May return earlier without cause; the caller looks and waits again.
    /// </summary>
    /// <returns>Whether something happened, as opposed to the time having passed.</returns>
    internal bool Wait(TimeSpan timeout)
    {
        TimeSpecification time = default;
        bool limited = timeout >= TimeSpan.Zero;
        if (limited)
        {
            time.Seconds = timeout.Ticks / TimeSpan.TicksPerSecond;
            time.Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
        }

        int ready;
        fixed (PollEntry* entries = _entries)
        {
            for (int i = 0; i < _count; i++)
            {
                entries[i].Returned = 0;
            }

            ready = LibC.Poll(entries, (nuint)_count, limited ? &time : null, null);
        }

        if (_entries[0].Returned != 0)
        {
            ulong value;
            _ = LibC.Read(_wakeDescriptor, (byte*)&value, sizeof(ulong));
            // After the read, and as a full fence before the caller looks at what it was woken for: a wake that comes
            // in between is either seen by that look or writes to the descriptor again.
            Interlocked.Exchange(ref _wakePending, 0);
        }

        return ready > 0;
    }

    /// <summary>Ends the current wait, or else the next one. From any thread; costs a system call only once a wait.</summary>
    internal void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) != 0)
        {
            return;
        }

        // The descriptor's number may be somebody else's as soon as it is closed.
        lock (_closing)
        {
            if (!_disposed)
            {
                ulong one = 1;
                _ = LibC.Write(_wakeDescriptor, (byte*)&one, sizeof(ulong));
            }
        }
    }

    /// <summary>Closes the event descriptor. Nobody may wait any more; who wakes is ignored.</summary>
    public void Dispose()
    {
        lock (_closing)
        {
            if (!_disposed)
            {
                _disposed = true;
                _ = LibC.Close(_wakeDescriptor);
            }
        }
    }
}
