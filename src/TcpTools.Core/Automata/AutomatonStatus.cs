namespace TcpTools.Automata;

/// <summary>Where an automaton is in its life.</summary>
public enum AutomatonStatus
{
    /// <summary>It has not begun.</summary>
    Ready,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It stands still until somebody goes on with it: <see cref="PacketAutomaton.Pause"/> tells why.</summary>
    Paused,

    /// <summary>It has reached a final state.</summary>
    Ended,

    /// <summary>It was stopped.</summary>
    Stopped,

    /// <summary>It ended with an error: <see cref="PacketAutomaton.Failure"/>.</summary>
    Failed,
}

/// <summary>Why an automaton stands still.</summary>
public enum AutomatonPause
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It is about to enter a state with a breakpoint.</summary>
    Breakpoint,

    /// <summary>A packet that it wants to send waits for a verdict.</summary>
    Interception,

    /// <summary>It was moved by a single step.</summary>
    Step,

    /// <summary>Whoever ran it has run out of time.</summary>
    TimeLimit,

    /// <summary>In simulated time nothing can happen any more unless somebody does something.</summary>
    Idle,
}
