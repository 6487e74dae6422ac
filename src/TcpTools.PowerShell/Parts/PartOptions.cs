using System.Diagnostics.CodeAnalysis;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>Parts of a connection among the options of one session or listener: <c>@{ InitialSequence = 5555 }</c>.</summary>
internal static class PartOptions
{
    /// <summary>Applies an option that names a part.</summary>
    /// <returns>Whether it was one.</returns>
    /// <exception cref="StackException">The value is no such part.</exception>
    public static bool TryApply(TcpSettings settings, string name, object? value, [NotNullWhen(true)] out TcpSettings? changed)
    {
        using PartBinder parts = new(null, RandomSource.System);
        changed = (name.ToLowerInvariant(), value) switch
        {
            (_, null) => null,
            ("initialsequence", _) => settings with { InitialSequence = parts.InitialSequence(value) },
            ("congestioncontrol", string named) => settings with { CongestionControl = named, CongestionControlFactory = null },
            ("congestioncontrol", _) => settings with { CongestionControlFactory = parts.CongestionControl(value) },
            ("retransmissiontimeout", _) => settings with { RetransmissionTimeoutFactory = parts.RetransmissionTimeout(value) },
            ("optionlayout", _) => settings with { OptionLayout = parts.OptionLayout(value) },
            _ => null,
        };
        return changed is not null;
    }
}
