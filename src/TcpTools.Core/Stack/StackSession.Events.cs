using System.Collections.Generic;
using System.Runtime.CompilerServices;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <content>What the stack remembers of the connection for those who watch it.</content>
internal sealed partial class StackSession
{
    // No connection comes to more: each state is entered at most once, but for CLOSED.
    private const int MostStates = 12;

    private States _states;
    private int _stateCount;

    /// <inheritdoc/>
    public override IReadOnlyList<StateRecord> StateHistory
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            StateRecord[] history = new StateRecord[_stateCount];
            for (int i = 0; i < history.Length; i++)
            {
                history[i] = new StateRecord((TcpState)_states[i].State, _states[i].Time);
            }

            return history;
        }
    }

    internal override SessionEvents Wanted =>
        base.Wanted | Stack.Watches.Wanted | (Listener is null ? SessionEvents.None : Listener.Watches.Wanted);

    /// <summary>Segments sent again that have been told, or that nobody wanted to know of.</summary>
    internal long RetransmissionsSeen { get; set; }

    internal bool IsStallTold { get; set; }

    internal override void Tell(SessionEventArgs happened)
    {
        if (happened.Kind == SessionEvents.StateChanged)
        {
            RaiseStateChanged(new SessionStateChangedEventArgs(happened.From ?? default, happened.To ?? default, happened.Time));
        }

        base.Tell(happened);
        CountFailures(Listener?.Watches.Tell(happened) ?? 0);
        CountFailures(Stack.Watches.Tell(happened));
    }

    /// <summary>Remembers a state, under the lock.</summary>
    internal void Remember(TcpState state, Instant now)
    {
        if (_stateCount < MostStates)
        {
            _states[_stateCount++] = (now, (byte)state);
        }
    }

    private protected override void OnDataWatched()
    {
        using TcpStack.Entry entry = Stack.Enter();
        if (Connection.ReadableBytes > 0 || Connection.IsPeerFinished)
        {
            Stack.TellData(this);
        }
    }

    [InlineArray(MostStates)]
    private struct States
    {
        private (Instant Time, byte State) _first;
    }
}
