namespace TcpTools.Streams;

/// <summary>Where in its life a followed TCP stream is. The names after <see cref="Closing"/> say how it ended.</summary>
public enum TcpStreamState
{
    /// <summary>A SYN was seen, and not yet that both sides agree.</summary>
    Opening,

    /// <summary>Both sides have agreed; data goes both ways.</summary>
    Established,

    /// <summary>At least one side has said that no more data comes from it.</summary>
    Closing,

    /// <summary>Both sides finished in order.</summary>
    Closed,

    /// <summary>A reset ended it.</summary>
    Reset,

    /// <summary>Nothing was seen of it for too long.</summary>
    TimedOut,

    /// <summary>An ICMP error told that the destination cannot be reached.</summary>
    Unreachable,

    /// <summary>Another connection took its pair of sockets without an end of this one having been seen.</summary>
    Replaced,

    /// <summary>It was given up to make room for others.</summary>
    GivenUp,

    /// <summary>What was read came to its end before the stream did.</summary>
    EndOfInput,
}
