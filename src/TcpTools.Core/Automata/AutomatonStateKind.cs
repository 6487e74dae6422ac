namespace TcpTools.Automata;

/// <summary>What a state means for the life of its automaton.</summary>
public enum AutomatonStateKind
{
    /// <summary>One of those in between.</summary>
    Ordinary,

    /// <summary>Where it begins.</summary>
    Initial,

    /// <summary>Where it ends as it should.</summary>
    Final,

    /// <summary>Where it ends with an error.</summary>
    Error,

    /// <summary>Where it goes when it is told to stop, to say goodbye; from there it goes on until it ends.</summary>
    Stop,
}
