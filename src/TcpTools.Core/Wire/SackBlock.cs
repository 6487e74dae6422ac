namespace TcpTools.Wire;

/// <summary>A run of received bytes in a SACK option (RFC 2018, 3).</summary>
/// <param name="Left">The first sequence number of the run.</param>
/// <param name="Right">The sequence number after its last.</param>
public readonly record struct SackBlock(SequenceNumber Left, SequenceNumber Right)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 8;

    /// <summary>Blocks that fit in a header without other options.</summary>
    public const int Maximum = 4;

    /// <summary>Sequence numbers in the run; not positive when the block makes no sense.</summary>
    public int Length => Right - Left;

    /// <summary>left-right, absolute.</summary>
    public override string ToString() => $"{Left}-{Right}";
}
