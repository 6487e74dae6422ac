using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Probing;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// What one runspace holds: its stacks, which of them is the default, and the session used last. Statics would be shared
/// by all runspaces of the process, and script variables could be set by anybody.
/// </summary>
internal sealed class ModuleState
{
    private static readonly ConditionalWeakTable<Runspace, ModuleState> s_states = new();

    private readonly Lock _lock = new();
    private readonly List<TcpStack> _stacks = [];
    private readonly List<PacketResponder> _responders = [];
    private readonly Dictionary<TcpStack, IDisposable> _attachments = [];
    private readonly Dictionary<TcpStack, StackChannel> _frames = [];
    private TcpStack? _default;
    private TcpStack? _borrowed;
    private TcpSession? _lastSession;
    private VirtualClock? _clock;

    /// <summary>The state of the runspace that the calling thread works for.</summary>
    public static ModuleState Current => s_states.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>The captures of the runspace, oldest first.</summary>
    public OwnedList<BackgroundCapture> Captures { get; } = new();

    /// <summary>The tunnels of the runspace, oldest first.</summary>
    public OwnedList<TunLink> Tunnels { get; } = new();

    /// <summary>The sessions that the kernel runs, oldest first.</summary>
    public KernelSessionList KernelSessions { get; } = new();

    /// <summary>The subscriptions to events of sessions, oldest first.</summary>
    public OwnedList<SessionEventRelay> Relays { get; } = new();

    /// <summary>Channels that stay open for the next packet to be sent.</summary>
    public ChannelCache Senders { get; } = new();

    /// <summary>The states of all runspaces that have one.</summary>
    public static IReadOnlyList<ModuleState> All => [.. s_states.Select(pair => pair.Value)];

    /// <summary>The stacks that work, oldest first.</summary>
    public IReadOnlyList<TcpStack> Stacks
    {
        get
        {
            lock (_lock)
            {
                ForgetStopped();
                return [.. _stacks];
            }
        }
    }

    /// <summary>The stack that cmdlets use when none is named; null when there is none.</summary>
    public TcpStack? DefaultStack
    {
        get
        {
            lock (_lock)
            {
                ForgetStopped();
                return _default ?? _borrowed;
            }
        }

        set
        {
            lock (_lock)
            {
                _default = value;
            }
        }
    }

    /// <summary>The session opened or taken last; null when there is none.</summary>
    public TcpSession? LastSession
    {
        get => Volatile.Read(ref _lastSession);
        set => Volatile.Write(ref _lastSession, value);
    }

    /// <summary>Whether the runspace's script serves one session from its beginning to its end.</summary>
    public bool ServesSession { get; set; }

    /// <summary>All sessions of the runspace's stacks, and those that the kernel runs for it.</summary>
    public IEnumerable<TcpSession> Sessions => Stacks.SelectMany(stack => stack.Sessions).Concat(KernelSessions.Living);

    /// <summary>All listeners of the runspace's stacks.</summary>
    public IEnumerable<TcpListener> Listeners => Stacks.SelectMany(stack => stack.Listeners);

    /// <summary>The responders that work, oldest first.</summary>
    public IReadOnlyList<PacketResponder> Responders
    {
        get
        {
            lock (_lock)
            {
                _responders.RemoveAll(static responder => !responder.IsRunning);
                return [.. _responders];
            }
        }
    }

    /// <summary>The simulated clock shared by the runspace's virtual stacks; null when none of them is left.</summary>
    public VirtualClock? Clock
    {
        get
        {
            lock (_lock)
            {
                ForgetStopped();
                return _clock;
            }
        }
    }

    /// <summary>The simulated clock that the next virtual stack joins: a new one, at zero, when no stack uses the last.</summary>
    public VirtualClock JoinClock()
    {
        lock (_lock)
        {
            ForgetStopped();
            return _clock ??= new VirtualClock();
        }
    }

    /// <summary>Takes a new stack; the first becomes the default.</summary>
    public void Add(TcpStack stack, IDisposable? attachment)
    {
        lock (_lock)
        {
            _stacks.Add(stack);
            ForgetStopped();
            _default ??= stack;
            if (attachment is not null)
            {
                _attachments.Add(stack, attachment);
            }
        }
    }

    /// <summary>Makes another runspace's stack the one that cmdlets use where this one has none. It stays the other's.</summary>
    public void Borrow(TcpStack? stack)
    {
        lock (_lock)
        {
            _borrowed = stack;
        }
    }

    /// <summary>Takes a new responder.</summary>
    public void Add(PacketResponder responder)
    {
        lock (_lock)
        {
            _responders.Add(responder);
        }
    }

    /// <summary>From now on keeps what a stack's link receives, until somebody takes it.</summary>
    public void KeepFramesOf(TcpStack stack)
    {
        lock (_lock)
        {
            if (!_frames.ContainsKey(stack))
            {
                StackChannel channel = new(stack);
                channel.Listen(null, 1024);
                _frames.Add(stack, channel);
            }
        }
    }

    /// <summary>What was kept of a stack's frames, which then is the caller's; null when nothing was.</summary>
    public StackChannel? TakeFramesOf(TcpStack stack)
    {
        lock (_lock)
        {
            _frames.Remove(stack, out StackChannel? channel);
            return channel;
        }
    }

    /// <summary>Stops a stack and closes what was opened for it.</summary>
    public void Stop(TcpStack stack)
    {
        stack.Stop();
        lock (_lock)
        {
            ForgetStopped();
        }
    }

    /// <summary>Stops every stack. Never throws: there is nobody left to tell.</summary>
    public void StopAll()
    {
        foreach (PacketResponder responder in Responders)
        {
            responder.Stop();
        }

        foreach (TcpStack stack in Stacks)
        {
            try
            {
                Stop(stack);
            }
            catch (Exception e) when (e is StackException or ObjectDisposedException)
            {
                // The next one must be stopped all the same.
            }
        }

        Relays.Dispose();
        KernelSessions.Dispose();
        Captures.Dispose();
        Senders.Dispose();
        Tunnels.Dispose();
        LastSession = null;
    }

    private void ForgetStopped()
    {
        for (int i = _stacks.Count - 1; i >= 0; i--)
        {
            TcpStack stack = _stacks[i];
            if (stack.State is StackState.Stopped or StackState.Faulted)
            {
                _stacks.RemoveAt(i);
                _frames.Remove(stack);
                if (_attachments.Remove(stack, out IDisposable? attachment))
                {
                    attachment.Dispose();
                }
            }
        }

        if (_default is not null && !_stacks.Contains(_default))
        {
            _default = _stacks.Count > 0 ? _stacks[0] : null;
        }

        if (_clock is not null && !_stacks.Exists(stack => stack.Clock == _clock))
        {
            _clock = null;
        }
    }
}
