using System.Globalization;

namespace TcpTools.Stack;

/// <summary>Ports from one to another.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, not less than the first.</param>
public readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>One port.</summary>
    public PortRange(ushort port)
        : this(port, port)
    {
    }

    /// <summary>Whether a port is one of them.</summary>
    public bool Contains(ushort port) => port >= First && port <= Last;

    /// <summary>80, or 8000-8010.</summary>
    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
