using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Links;
using TcpTools.Tcp;
using TcpTools.Udp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// A TCP/IP stack of its own: addresses, ports, connections and listeners over one link. Any thread may use it.
/// </summary>
/// <remarks>
/// All of a stack's state lies behind one lock. Whoever does something, the stack's driver thread with a frame or a user's
/// thread with a write, enters, lets the protocol work, hands what came of it to the link on leaving, and wakes the driver
/// only when something is due earlier than the driver knows. The parts: <c>.Lifecycle</c> (start and stop), <c>.Sessions</c>
/// (opening, listening, ending), <c>.Input</c> (from a frame to a connection), <c>.Output</c> (from a segment to the link),
/// <c>.Moving</c> (who moves the stack and how), <c>.Stepping</c> and <c>.Calls</c> (step by step), <c>.Events</c> (what is told of sessions), <c>.Callbacks</c> (what connections and the IP layer report).
/// </remarks>
public sealed partial class TcpStack : IDisposable
{
    // Times count from the first use of any stack, so that the traces and captures of all stacks of a process agree.
    private static readonly long s_epoch = TimeProvider.System.GetTimestamp();

    private static long s_lastId;

    private readonly Lock _lock = new();
    private readonly Callbacks _callbacks;
    private readonly IPv4Protocol _ip;
    private readonly UdpInput _udp;
    private readonly TcpServices _services;
    private readonly TcpCounters _counters = new();
    private readonly ConnectionTable _table;
    private readonly IPortSelector _ports;
    private readonly TimerWheel _wheel = new();
    private readonly TimeProvider _time;
    private readonly VirtualClock? _clock;
    private readonly LinkCapabilities _capabilities;
    private StackDriver? _driver;
    private Instant _now; // of the last entry: the time at which everything until leaving happens
    private volatile StackState _state;
    private volatile Exception? _fault;
    private long _handlerFailures;
    private StackSession? _signalledSessions;
    private TcpListener? _signalledListeners;

    private TcpStack(TcpStackOptions options)
    {
        Options = options;
        Id = Interlocked.Increment(ref s_lastId);
        Name = options.Name ?? string.Create(CultureInfo.InvariantCulture, $"stack{Id}");
        _capabilities = options.Link.Capabilities;
        _time = options.TimeProvider;
        _clock = options.Clock ?? (options.Mode == StackMode.Virtual ? new VirtualClock() : null);
        _table = new ConnectionTable(options.Random);
        _ports = MakePorts(options, _partErrors);
        _callbacks = new Callbacks(this);
        int mtu = Math.Min(_capabilities.Mtu, options.IP.Mtu);
        _ip = new IPv4Protocol(options.IP with { Mtu = mtu }, _callbacks, options.Random, options.Buffers);
        _udp = new UdpInput(_ip) { AnswersUnclaimed = options.UnclaimedPorts == UnclaimedPortPolicy.Reset };
        _services = new TcpServices
        {
            InitialSequence = new InitialSequenceGenerator(options.Random),
            Slabs = options.Slabs,
            Counters = _counters,
            Errors = _partErrors,
            Mtu = mtu,
            MaximumSegmentationLength = _capabilities.CompletesChecksums ? _capabilities.MaximumSegmentationLength : 0,
        };
        Trace = options.Trace ? new SegmentTrace(options.TraceCapacity) : null;
        _notes = options.Mode == StackMode.Manual ? new StepNotebook(this) : null;
        _input = new PacketBuffer[Math.Max(1, options.ReceiveBatch)];
        _output = new OutputQueue(options.Link, _capabilities.BatchSize, options.OutputQueueLimit);
        _ethernet = CreateEthernet();
    }

    /// <summary>The stack's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>The stack's name.</summary>
    public string Name { get; }

    /// <summary>What it was made from.</summary>
    public TcpStackOptions Options { get; }

    /// <summary>Where frames come from and go to.</summary>
    public ILink Link => Options.Link;

    /// <summary>Who moves the stack.</summary>
    public StackMode Mode => Options.Mode;

    /// <summary>The simulated clock that the stack follows; null in real time.</summary>
    public VirtualClock? Clock => _clock;

    /// <summary>Whether the stack works.</summary>
    public StackState State => _state;

    /// <summary>The error that stopped the stack, when <see cref="State"/> is <see cref="StackState.Faulted"/>.</summary>
    public Exception? Fault => _fault;

    /// <summary>The time on the stack's clock.</summary>
    public Instant Now
    {
        get
        {
            if (_clock is not null)
            {
                return _clock.Now;
            }

            long start = ReferenceEquals(_time, TimeProvider.System) ? s_epoch : 0;
            return new Instant(_time.GetElapsedTime(start).Ticks);
        }
    }

    /// <summary>When the stack has something to do next if nothing arrives before.</summary>
    public Instant NextDeadline
    {
        get
        {
            lock (_lock)
            {
                return EarliestDeadline(exact: true);
            }
        }
    }

    /// <summary>What has happened since the start, at this moment.</summary>
    public StackCounters Counters
    {
        get
        {
            lock (_lock)
            {
                return StackCounters.Collect(_counters, _ip.Counters, _udp, _output, Link.Counters, _ethernet?.Counters, this);
            }
        }
    }

    /// <summary>The connections that exist at this moment, oldest first.</summary>
    public IReadOnlyList<TcpSession> Sessions
    {
        get
        {
            lock (_lock)
            {
                List<TcpSession> sessions = new(_table.Count);
                for (StackSession? session = _firstSession; session is not null; session = session.NextInOrder)
                {
                    sessions.Add(session);
                }

                return sessions;
            }
        }
    }

    /// <summary>The listeners at this moment, oldest first.</summary>
    public IReadOnlyList<TcpListener> Listeners
    {
        get
        {
            lock (_lock)
            {
                List<TcpListener> listeners = [.. AllListeners()];
                listeners.Sort(static (a, b) => a.Id.CompareTo(b.Id));
                return listeners;
            }
        }
    }

    /// <summary>The last segments sent and received; null unless asked for in the options.</summary>
    public SegmentTrace? Trace { get; }

    /// <summary>Timers that are set at this moment. Zero when no connection exists.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_lock)
            {
                return _wheel.Count;
            }
        }
    }

    /// <summary>Exceptions that handlers of <see cref="TcpSession.StateChanged"/> and of <see cref="SessionWatch.Happened"/> have thrown.</summary>
    public long HandlerFailures => Interlocked.Read(ref _handlerFailures);

    /// <summary>Name, addresses and state, in a line.</summary>
    public override string ToString() => $"{Name} ({string.Join(", ", Addresses)}) {State}";

    /// <summary>Enters the stack; leaving is disposing the result.</summary>
    internal Entry Enter()
    {
        _lock.Enter();
        _now = Now;
        return new Entry(this, _now);
    }

    /// <summary>Lets the threads that wait for a session look again when the lock is left.</summary>
    internal void Signal(StackSession session)
    {
        if (session.HasWaiters && !session.IsSignalled)
        {
            session.IsSignalled = true;
            session.NextSignalled = _signalledSessions;
            _signalledSessions = session;
        }
    }

    internal void Signal(TcpListener listener)
    {
        if (listener.HasWaiters && !listener.IsSignalled)
        {
            listener.IsSignalled = true;
            listener.NextSignalled = _signalledListeners;
            _signalledListeners = listener;
        }
    }

    internal void OnHandlerFailed() => Interlocked.Increment(ref _handlerFailures);

    private void Leave(Instant now)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread, "Left without having entered.");
        try
        {
            Complete(now);
        }
        finally
        {
            _lock.Exit();
        }

        if (!_news.IsEmpty)
        {
            TellNews();
        }
    }

    /// <summary>What is owed before the lock may be left: frames to the link, news to who waits, a deadline to the driver.</summary>
    private void Complete(Instant now)
    {
        if (_state is StackState.Running or StackState.Stopping)
        {
            TrimTimeWait(now);
            DeliverToSelf(now);
            if (_hooks is not null)
            {
                ReleaseHeld(now);
            }

            _output.Flush(now);
            _driver?.OnDeadline(EarliestDeadline(exact: false), now);
        }

        while (_signalledSessions is { } session)
        {
            _signalledSessions = session.NextSignalled;
            session.NextSignalled = null;
            session.IsSignalled = false;
            session.SignalWaiters();
        }

        while (_signalledListeners is { } listener)
        {
            _signalledListeners = listener.NextSignalled;
            listener.NextSignalled = null;
            listener.IsSignalled = false;
            listener.SignalWaiters();
        }
    }

    /// <summary>A stay inside the stack's lock.</summary>
    internal readonly ref struct Entry(TcpStack stack, Instant now)
    {
        /// <summary>The time of entering.</summary>
        public Instant Now { get; } = now;

        /// <summary>Leaves.</summary>
        public void Dispose() => stack.Leave(Now);
    }
}
