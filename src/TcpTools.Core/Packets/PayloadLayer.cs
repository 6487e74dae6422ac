using System.Text;

namespace TcpTools.Packets;

/// <summary>Bytes that no layer here takes apart: an application's data, or a protocol unknown here.</summary>
public sealed class PayloadLayer : PacketLayer
{
    /// <summary>No bytes.</summary>
    public PayloadLayer()
    {
    }

    /// <summary>These bytes.</summary>
    public PayloadLayer(byte[] data) => Data = data;

    /// <summary>This text in UTF-8.</summary>
    public PayloadLayer(string text) => Data = Encoding.UTF8.GetBytes(text);

    /// <inheritdoc/>
    public override string Name => "Payload";

    /// <summary>The bytes.</summary>
    public byte[] Data { get; set => field = value ?? []; } = [];

    /// <summary>How many bytes there are.</summary>
    public int Length => Data.Length;

    /// <summary>The bytes as UTF-8 text; what is no text shows as replacement characters.</summary>
    public string Text
    {
        get => Encoding.UTF8.GetString(Data);
        set => Data = Encoding.UTF8.GetBytes(value);
    }

    internal override int FixedLength => 0;

    internal override byte[] EncodeBody() => Data;

    internal override void Write(in LayerPlace place)
    {
    }

    private protected override void Detach() => Data = [.. Data];

    /// <summary>Payload and its length.</summary>
    public override string ToString() => $"Payload {Data.Length} bytes";
}
