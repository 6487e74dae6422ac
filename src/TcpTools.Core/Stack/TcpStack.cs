using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Links;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// A TCP/IP stack of its own: addresses, ports, connections and listeners over one link. Any thread may use it.
/// </summary>
public sealed class TcpStack : IDisposable
{
    private TcpStack(TcpStackOptions options)
    {
        Options = options;
    }

    /// <summary>Makes a stack and sets it to work.</summary>
    /// <exception cref="StackException">The options contradict each other or the link's kind.</exception>
    public static TcpStack Start(TcpStackOptions options) => throw new NotImplementedException(new TcpStack(options).Name);

    /// <summary>The stack's number in the process: rising, never used again.</summary>
    public long Id => throw new NotImplementedException();

    /// <summary>The stack's name.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>What it was made from.</summary>
    public TcpStackOptions Options { get; }

    /// <summary>The stack's own addresses.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses => Options.Addresses;

    /// <summary>Where frames come from and go to.</summary>
    public ILink Link => Options.Link;

    /// <summary>Who moves the stack.</summary>
    public StackMode Mode => Options.Mode;

    /// <summary>Whether the stack works.</summary>
    public StackState State => throw new NotImplementedException();

    /// <summary>The error that stopped the stack, when <see cref="State"/> is <see cref="StackState.Faulted"/>.</summary>
    public Exception? Fault => throw new NotImplementedException();

    /// <summary>The time on the stack's clock.</summary>
    public Instant Now => throw new NotImplementedException();

    /// <summary>When the stack has something to do next if nothing arrives before.</summary>
    public Instant NextDeadline => throw new NotImplementedException();

    /// <summary>What has happened since the start, at this moment.</summary>
    public StackCounters Counters => throw new NotImplementedException();

    /// <summary>The connections that exist at this moment, oldest first.</summary>
    public IReadOnlyList<TcpSession> Sessions => throw new NotImplementedException();

    /// <summary>The listeners at this moment, oldest first.</summary>
    public IReadOnlyList<TcpListener> Listeners => throw new NotImplementedException();

    /// <summary>The last segments sent and received; null unless asked for in the options.</summary>
    public SegmentTrace? Trace => throw new NotImplementedException();

    /// <summary>Timers that are set at this moment. Zero when no connection exists.</summary>
    public int PendingTimers => throw new NotImplementedException();

    /// <summary>Starts to open a connection and returns at once, in SYN-SENT.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.NoRoute"/>, <see cref="StackError.AddressInUse"/>, <see cref="StackError.ResourceExhausted"/>,
    /// <see cref="StackError.InvalidArgument"/> or <see cref="StackError.StackStopped"/>.
    /// </exception>
    public TcpSession Connect(ConnectOptions options) => throw new NotImplementedException();

    /// <summary>Starts to take connections on a port.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.AddressInUse"/>, <see cref="StackError.NoRoute"/> (not an address of the stack's),
    /// <see cref="StackError.InvalidArgument"/> or <see cref="StackError.StackStopped"/>.
    /// </exception>
    public TcpListener Listen(ListenOptions options) => throw new NotImplementedException();

    /// <summary>
    /// Does one thing: takes one frame from the link, or lets one timer that is due run out, and tells what followed. For
    /// <see cref="StackMode.Manual"/>. With a virtual clock and nothing else to do, the clock is moved on to the stack's
    /// next deadline, but not past <paramref name="limit"/>.
    /// </summary>
    /// <exception cref="StackException">The stack is not in manual mode, or was stopped.</exception>
    public StepResult Step(Instant? limit = null) => throw new NotImplementedException();

    /// <summary>Sends a frame as it is, without the stack knowing of it.</summary>
    /// <exception cref="StackException">The frame is empty or longer than any frame can be, or the stack was stopped.</exception>
    public void SendRaw(ReadOnlySpan<byte> frame) => throw new NotImplementedException();

    /// <summary>Opens a queue that gets a copy of every frame received from now on.</summary>
    public RawReceiver OpenRawReceiver(int capacity = 1024) => new(this, capacity);

    /// <summary>
    /// Ends the stack: sessions are reset (the peers get a RST), listeners stopped, waiting calls released, the thread
    /// joined and the link disposed. With a grace period, sessions are first closed in order with a FIN and given that
    /// long to finish. Stopping again does nothing.
    /// </summary>
    public void Stop(TimeSpan grace = default) => throw new NotImplementedException();

    /// <summary>Stops the stack without grace.</summary>
    public void Dispose() => Stop();

    internal void Detach(RawReceiver receiver) => throw new NotImplementedException();

    internal bool RunNetworkUntil(Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
