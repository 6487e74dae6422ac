using System;
using System.Text;

namespace TcpTools.Packets;

/// <summary>Bytes that no layer here takes apart: an application's data, or a protocol unknown here.</summary>
public sealed class PayloadLayer : PacketLayer
{
    // What was parsed stays a part of the packet's bytes until somebody asks for an array.
    private readonly ReadOnlyMemory<byte> _slice;
    private byte[]? _data;

    /// <summary>No bytes.</summary>
    public PayloadLayer()
    {
    }

    /// <summary>These bytes.</summary>
    public PayloadLayer(byte[] data) => Data = data;

    /// <summary>This text in UTF-8.</summary>
    public PayloadLayer(string text) => _data = Encoding.UTF8.GetBytes(text);

    /// <summary>Bytes that nobody changes any more.</summary>
    internal PayloadLayer(ReadOnlyMemory<byte> slice) => _slice = slice;

    /// <inheritdoc/>
    public override string Name => "Payload";

    /// <summary>The bytes; those of a parsed packet are copied when they are first asked for.</summary>
    public byte[] Data
    {
        get => _data ??= _slice.ToArray();
        set => _data = value ?? [];
    }

    /// <summary>The bytes without a copy; not to be kept beyond the next change.</summary>
    public ReadOnlyMemory<byte> Memory => _data ?? _slice;

    /// <summary>How many bytes there are.</summary>
    public int Length => _data is null ? _slice.Length : _data.Length;

    /// <summary>The bytes as UTF-8 text; what is no text shows as replacement characters.</summary>
    public string Text
    {
        get => Encoding.UTF8.GetString(Memory.Span);
        set => _data = Encoding.UTF8.GetBytes(value);
    }

    internal override int FixedLength => 0;

    internal override int BodyLength => Length;

    internal override void WriteBody(Span<byte> body) => Memory.Span.CopyTo(body);

    internal override void Write(in LayerPlace place)
    {
    }

    internal override void Describe(FieldSink sink) => sink.Data(nameof(Data), 0);

    private protected override void Detach() => _data = _data is null ? null : [.. _data];

    /// <summary>Payload and its length.</summary>
    public override string ToString() => $"Payload {Length} bytes";
}
