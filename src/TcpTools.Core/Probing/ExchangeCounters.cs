namespace TcpTools.Probing;

/// <summary>What has happened in an exchange so far.</summary>
public sealed record ExchangeCounters
{
    /// <summary>Packets given.</summary>
    public long Probes { get; internal set; }

    /// <summary>Times that a packet was sent, repetitions included.</summary>
    public long Sent { get; internal set; }

    /// <summary>Packets that could not be sent.</summary>
    public long Failed { get; internal set; }

    /// <summary>Frames received, whatever they were.</summary>
    public long Received { get; internal set; }

    /// <summary>Packets that were answered.</summary>
    public long Answered { get; internal set; }

    /// <summary>Packets that were given up without an answer.</summary>
    public long Unanswered { get; internal set; }

    /// <summary>Replies to packets that had been answered already.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Replies to packets that had been given up.</summary>
    public long Late { get; internal set; }

    /// <summary>Frames that answered nothing.</summary>
    public long Unmatched => Received - Answered - Duplicates - Late;
}
