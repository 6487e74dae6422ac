namespace TcpTools.Capture;

/// <summary>The file formats of captures.</summary>
public enum CaptureFormat
{
    /// <summary>pcapng: several interfaces with names, directions, comments.</summary>
    PcapNg,

    /// <summary>The classic libpcap format: one link type, times and bytes.</summary>
    Pcap,

    /// <summary>Endace's extensible record format: Ethernet and IP, four ports.</summary>
    Erf,
}

/// <summary>How a capture file is to be written.</summary>
public sealed record PcapWriterOptions
{
    /// <summary>The file format.</summary>
    public CaptureFormat Format { get; init; }

    /// <summary>Whether times are written in nanoseconds; otherwise in microseconds, which every reader understands.</summary>
    public bool Nanoseconds { get; init; } = true;

    /// <summary>Whether numbers are written most significant byte first. Readers take both.</summary>
    public bool BigEndian { get; init; }

    /// <summary>Whether the file is compressed by gzip.</summary>
    public bool Compress { get; init; }

    /// <summary>Bytes kept of each frame at most.</summary>
    public int SnapLength { get; init; } = 262144;

    /// <summary>What made the file; pcapng only.</summary>
    public string? Application { get; init; } = "TcpTools";

    /// <summary>A remark about the whole capture; pcapng only.</summary>
    public string? Comment { get; init; }
}
