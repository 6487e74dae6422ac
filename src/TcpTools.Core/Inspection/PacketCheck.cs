namespace TcpTools.Inspection;

/// <summary>How a check of a packet ended.</summary>
public enum PacketCheckResult
{
    /// <summary>Nothing is wrong.</summary>
    Passed,

    /// <summary>A receiver may take the packet, but no sound sender makes it.</summary>
    Suspicious,

    /// <summary>The packet breaks the rules of its protocol; a receiver drops it, or should.</summary>
    Failed,
}

/// <summary>One thing that was looked at in a packet.</summary>
/// <param name="Layer">The name of the layer.</param>
/// <param name="Name">What was looked at, such as its checksum.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Message">What was found.</param>
public sealed record PacketCheck(string Layer, string Name, PacketCheckResult Result, string Message)
{
    /// <summary>Layer, name and result.</summary>
    public override string ToString() => $"{Layer}.{Name}: {Result}{(Message.Length > 0 ? $", {Message}" : "")}";
}
