using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>A part that has a name.</summary>
/// <typeparam name="T">What it is, or what makes it.</typeparam>
/// <param name="Name">The name; letter case does not matter.</param>
/// <param name="Description">What it does, in a line.</param>
/// <param name="Value">The part, or what makes it.</param>
public sealed record NamedPart<T>(string Name, string Description, T Value);

/// <summary>The parts of a connection that have names.</summary>
public static class TcpParts
{
    /// <summary>Initial sequence numbers, made from a source of randomness.</summary>
    public static IReadOnlyList<NamedPart<Func<RandomSource, IInitialSequenceGenerator>>> InitialSequences { get; } =
    [
        new("Rfc6528", "a clock and a keyed hash of the sockets, the default", static random => new InitialSequenceGenerator(random)),
        new("Rfc793", "a clock of 4 microseconds and nothing else", static _ => new ClockSequence()),
        new("Counter", "64000 more for each connection", static random => new CounterSequence(new SequenceNumber(random.NextUInt32()))),
        new("Random", "a random number each time", static random => new RandomSequence(random)),
        new("Zero", "0 for every connection", static _ => new ConstantSequence(new SequenceNumber(0))),
    ];

    /// <summary>Congestion controls, made for the settings of a connection.</summary>
    public static IReadOnlyList<NamedPart<Func<TcpSettings, ICongestionControl>>> CongestionControls { get; } =
    [
        new("NewReno", "RFC 5681 and 6582, the default", static settings => new NewReno(settings)),
        new("Cubic", "RFC 9438 with HyStart++ (RFC 9406)", static settings => new Cubic(settings)),
        new("None", "only the peer's window counts", static _ => new FixedWindow()),
    ];

    /// <summary>Retransmission timeouts, made for the settings of a connection.</summary>
    public static IReadOnlyList<NamedPart<Func<TcpSettings, IRetransmissionTimeout>>> RetransmissionTimeouts { get; } =
    [
        new("Rfc6298", "within the bounds of the settings, the default", static settings => new Rfc6298Timeout(settings)),
        new("Linux", "Linux's bounds, whatever the profile", static _ => new Rfc6298Timeout(TcpSettings.For(TcpProfile.Linux), "linux")),
        new("FreeBSD", "FreeBSD's bounds, whatever the profile", static _ => new Rfc6298Timeout(TcpSettings.For(TcpProfile.FreeBSD), "freebsd")),
        new("Strict", "a second at least (RFC 6298, 2.4)", static _ => new Rfc6298Timeout(TcpSettings.For(TcpProfile.Rfc), "strict")),
        new("Fixed", "always the initial timeout, never doubled", static settings => new FixedTimeout(settings.InitialRto)),
    ];

    /// <summary>Layouts of options.</summary>
    public static IReadOnlyList<NamedPart<ITcpOptionLayout>> OptionLayouts { get; } =
    [
        new("Linux", "mss,sok,ts,nop,ws", LinuxOptionLayout.Instance),
        new("FreeBSD", "mss,nop,ws,sok,ts,eol", FreeBSDOptionLayout.Instance),
        new("Windows", "mss,nop,ws,nop,nop,sok: no timestamps", new OptionList("mss,nop,ws,nop,nop,sok", name: "windows")),
        new("MacOS", "mss,nop,ws,nop,nop,ts,sok,eol", new OptionList("mss,nop,ws,nop,nop,ts,sok,eol", name: "macos")),
        new("Aligned", "each option behind NOPs, as in RFC 7323, appendix A", new OptionList("mss,nop,ws,nop,nop,sok,nop,nop,ts", name: "aligned")),
        new("Minimal", "the MSS only", new OptionList("mss", name: "minimal")),
        new("None", "no option at all", new OptionList("", established: "", name: "none")),
    ];

    /// <summary>The part of a name; null when there is none.</summary>
    public static T? Find<T>(IEnumerable<NamedPart<T>> parts, string name)
        where T : class =>
        parts.FirstOrDefault(part => part.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;

    /// <summary>The part of a name.</summary>
    /// <exception cref="StackException">There is none; the message lists all.</exception>
    internal static T Get<T>(IReadOnlyList<NamedPart<T>> parts, string name, string what)
        where T : class =>
        Find(parts, name) ?? throw new StackException(
            StackError.InvalidArgument,
            $"There is no {what} named '{name}'.",
            $"The names are: {string.Join(", ", parts.Select(part => part.Name))}.");
}
