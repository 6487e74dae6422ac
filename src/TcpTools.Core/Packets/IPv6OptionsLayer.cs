using System;
using System.Collections.ObjectModel;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>An extension header that consists of options.</summary>
public abstract class IPv6OptionsLayer : IPv6SizedExtensionLayer
{
    private OptionList<IPv6Option> _options;

    /// <summary>
    /// The options in order, padding among them; setting copies the list. On the wire the header is filled up to a
    /// multiple of 8 bytes by padding behind the last.
    /// </summary>
    public Collection<IPv6Option> Options
    {
        get => _options.Open(static (raw, list) => ReadOptions(raw, list));
        set => _options.Set(value);
    }

    internal override int FixedLength => 2;

    internal override int BodyLength => ((FixedLength + _options.Length + 7) & ~7) - FixedLength;

    /// <summary>The first option of a class; null when there is none.</summary>
    public T? GetOption<T>()
        where T : IPv6Option => Options.OfType<T>().FirstOrDefault();

    /// <summary>Takes over the option bytes of a packet that was parsed; nobody may change them.</summary>
    internal void SetRawOptions(ReadOnlyMemory<byte> options) => _options.SetRaw(options);

    internal override void WriteBody(Span<byte> body)
    {
        _options.Write(body);
        Span<byte> padding = body[_options.Length..];
        if (padding.Length > 1)
        {
            padding[0] = IPv6OptionKind.PadN;
            padding[1] = (byte)(padding.Length - 2);
        }
    }

    internal override void Describe(FieldSink sink)
    {
        base.Describe(sink);
        sink.Options(nameof(Options), FixedLength, Options, static option => option.Raw, static (option, inner) => option.Describe(inner));
    }

    private protected override void Detach() => _options.Detach();

    private static void ReadOptions(ReadOnlySpan<byte> raw, Collection<IPv6Option> options)
    {
        IPv6OptionReader reader = new(raw);
        while (reader.MoveNext())
        {
            options.Add(IPv6Option.FromBytes(reader.Raw));
        }

        if (!reader.Rest.IsEmpty)
        {
            options.Add(IPv6Option.FromBytes(reader.Rest));
        }
    }

    /// <summary>Name and options.</summary>
    public override string ToString() => $"{Name} {string.Join(", ", Options.Where(option => !option.IsPadding))}".TrimEnd();
}

/// <summary>Options for every node on the way (RFC 8200, 4.3); it must come first.</summary>
public sealed class HopByHopLayer : IPv6OptionsLayer
{
    /// <inheritdoc/>
    public override string Name => "HopByHop";

    internal override byte? ProtocolNumber => IPProtocol.HopByHopOptions;
}

/// <summary>Options for the destination, or before a routing header for every waypoint (RFC 8200, 4.6).</summary>
public sealed class DestinationOptionsLayer : IPv6OptionsLayer
{
    /// <inheritdoc/>
    public override string Name => "DestinationOptions";

    internal override byte? ProtocolNumber => IPProtocol.DestinationOptions;
}
