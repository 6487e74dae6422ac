namespace TcpTools.Packets;

/// <summary>Which way a captured frame went, seen from the interface's owner.</summary>
public enum FrameDirection
{
    /// <summary>The capture does not say.</summary>
    Unknown = 0,

    /// <summary>It was received.</summary>
    Incoming = 1,

    /// <summary>It was sent.</summary>
    Outgoing = 2,
}
