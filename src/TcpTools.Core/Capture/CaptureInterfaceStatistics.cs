namespace TcpTools.Capture;

/// <summary>What an interface counted while it was captured (pcapng, interface statistics block). Null: it does not say.</summary>
public sealed record CaptureInterfaceStatistics
{
    /// <summary>Whose counts they are.</summary>
    public required CaptureInterface Interface { get; init; }

    /// <summary>When they were taken.</summary>
    public CaptureTime Time { get; init; }

    /// <summary>When the capture started.</summary>
    public CaptureTime? Start { get; init; }

    /// <summary>When the capture ended.</summary>
    public CaptureTime? End { get; init; }

    /// <summary>Frames received.</summary>
    public long? Received { get; init; }

    /// <summary>Frames that the interface dropped for lack of resources.</summary>
    public long? Dropped { get; init; }

    /// <summary>Frames that passed the filter.</summary>
    public long? Accepted { get; init; }

    /// <summary>Frames that the operating system dropped.</summary>
    public long? SystemDropped { get; init; }

    /// <summary>Frames handed to the program that captured.</summary>
    public long? Delivered { get; init; }

    /// <summary>A person's remark; null when there is none.</summary>
    public string? Comment { get; init; }
}
