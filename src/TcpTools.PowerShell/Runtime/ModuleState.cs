using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Forwarding;
using TcpTools.Links;
using TcpTools.Probing;
using TcpTools.Sockets;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>
/// What one runspace holds: its stacks, which of them is the default, and the session used last. Statics would be shared
/// by all runspaces of the process, and script variables could be set by anybody. What it owns ends when the module is removed
/// from the runspace, when the runspace is closed, and when the process ends.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It is emptied when the runspace ends, and may be used again.")]
internal sealed class ModuleState
{
    private static readonly ConditionalWeakTable<Runspace, ModuleState> s_states = new();

    private readonly Lock _lock = new();
    private readonly Dictionary<TcpStack, IDisposable> _attachments = [];
    private readonly Dictionary<TcpStack, StackChannel> _frames = [];
    private TcpStack? _default;
    private TcpStack? _borrowed;
    private TcpSession? _lastSession;
    private VirtualClock? _clock;

    private ModuleState()
    {
        OwnStacks = new OwnedList<TcpStack>(IsAlive, CloseAttachments);
    }

    /// <summary>The state of the runspace that the calling thread works for.</summary>
    public static ModuleState Current => s_states.GetValue(Runspace.DefaultRunspace, Create);

    /// <summary>The states of all runspaces that have one.</summary>
    public static IReadOnlyList<ModuleState> All => [.. s_states.Select(pair => pair.Value)];

    /// <summary>The responders that work, oldest first.</summary>
    public OwnedList<PacketResponder> Responders { get; } = new(static responder => responder.IsRunning);

    /// <summary>What the runspace makes hosts believe by ARP, oldest first; when it ends, they are told the truth.</summary>
    public OwnedList<ArpSpoof> Spoofs { get; } = new(static spoof => spoof.IsRunning);

    /// <summary>The automata that were started and have not ended, oldest first.</summary>
    public OwnedList<RunningAutomaton> Automata { get; } = new(static automaton => !automaton.IsOver);

    /// <summary>The captures of the runspace, oldest first.</summary>
    public OwnedList<BackgroundCapture> Captures { get; } = new();

    /// <summary>The hooks that the runspace has registered, oldest first.</summary>
    public OwnedList<PacketHook> Hooks { get; } = new(static hook => hook.IsActive || hook.Held > 0);

    /// <summary>The tunnels of the runspace, oldest first.</summary>
    public OwnedList<TunLink> Tunnels { get; } = new();

    /// <summary>The sessions that the kernel runs, oldest first. Closed, it delivers what was sent even when the process ends.</summary>
    public OwnedList<KernelSession> KernelSessions { get; } = new(static session => !session.IsReleased);

    /// <summary>The forwarders of the runspace, oldest first. One ends by itself when its stack does.</summary>
    public OwnedList<TcpForwarder> Forwarders { get; } = new(static forwarder => forwarder.IsRunning);

    /// <summary>The subscriptions to events of sessions, oldest first.</summary>
    public OwnedList<SessionEventRelay> Relays { get; } = new(static relay => relay.IsActive);

    /// <summary>Channels that stay open for the next packet to be sent.</summary>
    public ChannelCache Senders { get; } = new();

    /// <summary>The stacks that work, oldest first.</summary>
    public IReadOnlyList<TcpStack> Stacks => OwnStacks.Items;

    /// <summary>
    /// The stack that cmdlets use when none is named, perhaps another runspace's; null when there is none.
    /// </summary>
    public TcpStack? DefaultStack
    {
        get
        {
            IReadOnlyList<TcpStack> own = Stacks;
            lock (_lock)
            {
                if (_default is null || !IsAlive(_default))
                {
                    _default = own.Count > 0 ? own[0] : null;
                }

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
    public IEnumerable<TcpSession> Sessions => Stacks.SelectMany(stack => stack.Sessions)
        .Concat(KernelSessions.Items.Where(static session => session.State != TcpState.Closed));

    /// <summary>All listeners of the runspace's stacks.</summary>
    public IEnumerable<TcpListener> Listeners => Stacks.SelectMany(stack => stack.Listeners);

    /// <summary>The simulated clock shared by the runspace's virtual stacks; null when none of them is left.</summary>
    public VirtualClock? Clock
    {
        get
        {
            IReadOnlyList<TcpStack> own = Stacks;
            lock (_lock)
            {
                if (_clock is not null && !own.Any(stack => stack.Clock == _clock))
                {
                    _clock = null;
                }

                return _clock;
            }
        }
    }

    private OwnedList<TcpStack> OwnStacks { get; }

    /// <summary>All that the runspace owns, in the order in which it ends.</summary>
    private IDisposable[] Owned => [Automata, Spoofs, Hooks, Responders, Forwarders, OwnStacks, Relays, KernelSessions, Captures, Senders, Tunnels];

    /// <summary>The simulated clock that the next virtual stack joins: a new one, at zero, when no stack uses the last.</summary>
    public VirtualClock JoinClock()
    {
        VirtualClock? clock = Clock;
        lock (_lock)
        {
            return _clock = clock ?? new VirtualClock();
        }
    }

    /// <summary>Takes a new stack; the first becomes the default.</summary>
    public void Add(TcpStack stack, IDisposable? attachment)
    {
        OwnStacks.Add(stack);
        lock (_lock)
        {
            _default = _default is not null && IsAlive(_default) ? _default : stack;
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
        // A look forgets it.
        _ = Stacks;
    }

    /// <summary>Ends all that the runspace owns. Never throws: there is nobody left to tell.</summary>
    public void StopAll()
    {
        foreach (IDisposable owned in Owned)
        {
            owned.Dispose();
        }

        LastSession = null;
        DefaultStack = null;
    }

    private static ModuleState Create(Runspace runspace)
    {
        ModuleState state = new();
        // A runspace is closed without the module being removed from it: a thread job's end, a host's, a pool's.
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            {
                state.StopAll();
            }
        };
        return state;
    }

    private static bool IsAlive(TcpStack stack) => stack.State is not (StackState.Stopped or StackState.Faulted);

    private void CloseAttachments(TcpStack stack)
    {
        IDisposable? attachment;
        lock (_lock)
        {
            _frames.Remove(stack);
            _attachments.Remove(stack, out attachment);
        }

        attachment?.Dispose();
    }
}
