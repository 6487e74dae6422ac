namespace TcpTools.Links;

/// <summary>
/// What has become of the packets of one direction. At any time <see cref="Arrived"/> + <see cref="Duplicated"/> =
/// <see cref="Delivered"/> + <see cref="Dropped"/> + <see cref="Held"/>.
/// </summary>
public sealed class ImpairmentCounters
{
    /// <summary>Packets that came to be impaired, each part of an unsplit segment counted.</summary>
    public long Arrived { get; internal set; }

    /// <summary>Packets handed on.</summary>
    public long Delivered { get; internal set; }

    /// <summary>Packets lost by chance or by rule.</summary>
    public long Lost { get; internal set; }

    /// <summary>Packets lost because they exceeded the MTU.</summary>
    public long TooLong { get; internal set; }

    /// <summary>Packets lost because a queue had no room.</summary>
    public long Overflowed { get; internal set; }

    /// <summary>Packets lost because what was left to do to them made no sense, or because the link below refused them.</summary>
    public long Refused { get; internal set; }

    /// <summary>Additional copies made.</summary>
    public long Duplicated { get; internal set; }

    /// <summary>Packets with flipped bits.</summary>
    public long Corrupted { get; internal set; }

    /// <summary>Packets held back so that others overtake them.</summary>
    public long Reordered { get; internal set; }

    /// <summary>Packets under way at present.</summary>
    public int Held { get; internal set; }

    /// <summary>Packets that will never be handed on.</summary>
    public long Dropped => Lost + TooLong + Overflowed + Refused;
}
