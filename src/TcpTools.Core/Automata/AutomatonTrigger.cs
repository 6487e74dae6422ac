namespace TcpTools.Automata;

/// <summary>What a rule waits for.</summary>
public enum AutomatonTrigger
{
    /// <summary>Nothing but its condition: asked when the state is entered, and again after whatever happens there.</summary>
    Condition,

    /// <summary>A packet that came.</summary>
    Packet,

    /// <summary>Data of the stream.</summary>
    Data,

    /// <summary>The end of the stream's data.</summary>
    DataEnd,

    /// <summary>An object sent into the automaton.</summary>
    Input,

    /// <summary>The end of the objects sent into the automaton.</summary>
    InputEnd,

    /// <summary>So much time since the state was entered, once.</summary>
    Timeout,

    /// <summary>So much time since the state was entered, and again and again.</summary>
    Timer,
}
