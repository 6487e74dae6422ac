using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using System.Text;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>
/// A packet as the pipeline of cmdlets that makes it again, byte for byte. What no parameter can say is set on the layers
/// when they are made; what cannot be written as layers is given as data, and at last as the bytes of the whole packet.
/// </summary>
[RequiresUnreferencedCode("Reads the properties of layers by reflection.")]
public static class PacketScript
{
    private const string Next = " |\n    ";

    /// <summary>The script; its lines end with <c>\n</c>.</summary>
    public static string Write(Packet packet)
    {
        byte[] bytes = packet.ToBytes();
        if (bytes.Length == 0)
        {
            return "ConvertFrom-PacketBytes '0x'";
        }

        for (int count = packet.Layers.Count; count > 0; count--)
        {
            if (TryWrite(packet, count, bytes, isForced: false) is { } script)
            {
                return script;
            }

            if (TryWrite(packet, count, bytes, isForced: true) is { } forced)
            {
                return forced;
            }
        }

        string start = packet.Start == PacketStart.IP ? "" : $" -Start {packet.Start}";
        return $"ConvertFrom-PacketBytes '{Convert.ToHexStringLower(bytes)}'{start}";
    }

    /// <summary>Writes so many layers as commands and the rest as data; null when that would make other bytes.</summary>
    private static string? TryWrite(Packet packet, int count, byte[] bytes, bool isForced)
    {
        List<ScriptLayer> layers = [];
        PayloadLayer? data = count == packet.Layers.Count ? packet.Layers[^1] as PayloadLayer : Rest(packet, count, bytes);
        int written = count == packet.Layers.Count && data is not null ? count - 1 : count;
        for (int i = 0; i < written; i++)
        {
            IPLayer? ip = packet.Layers.Take(i).OfType<IPLayer>().LastOrDefault();
            if (ScriptLayer.TryWrite(packet.Layers[i], ip, isForced && i == written - 1) is not { } layer)
            {
                return null;
            }

            layers.Add(layer);
        }

        if (layers.Count == 0 || !MakesTheSame(layers, data, bytes))
        {
            return null;
        }

        return Compose(layers, data);
    }

    private static PayloadLayer? Rest(Packet packet, int count, byte[] bytes)
    {
        int offset = packet.Layers.Take(count).Sum(layer => layer.BuiltLength);
        int behind = packet.Layers.Take(count).Sum(layer => layer.Trailer.Length);
        int end = Math.Max(bytes.Length - behind, offset);
        return end > offset ? new PayloadLayer(bytes[offset..end]) : null;
    }

    /// <summary>Does what the commands will do.</summary>
    private static bool MakesTheSame(List<ScriptLayer> layers, PayloadLayer? data, byte[] bytes)
    {
        if (data?.Trailer.Length > 0 || data?.TruncatedTo is not null)
        {
            return false;
        }

        Packet made = Packet.Of(layers[0].Rebuilt);
        for (int i = 1; i < layers.Count; i++)
        {
            made /= Packet.Of(layers[i].Rebuilt);
        }

        made = data is { Length: > 0 } ? made / data.Data : made;
        return made.Layers.Count >= layers.Count && made.ToBytes().AsSpan().SequenceEqual(bytes);
    }

    private static string Compose(List<ScriptLayer> layers, PayloadLayer? data)
    {
        StringBuilder script = new();
        for (int i = 0; i < layers.Count; i++)
        {
            ScriptLayer layer = layers[i];
            script.Append(i == 0 ? "" : Next);
            script.Append((layer.IsCmdlet, i) switch
            {
                (true, _) => layer.Command,
                (false, 0) => $"[TcpTools.Packets.Packet]::Of({layer.Command})",
                _ => $"ForEach-Object {{ $_ / {layer.Command} }}",
            });
        }

        if (data is { Length: > 0 })
        {
            string text = ScriptValue.Data(data.Data);
            script.Append(layers[^1].IsCmdlet ? " -Data " + text : Next + "ForEach-Object { $_ / " + text + " }");
        }

        string[] later =
        [
            .. layers.Index().Where(pair => pair.Item.IsCmdlet)
                .SelectMany(pair => pair.Item.Later.Select(set => $"$_.Layers[{pair.Index}].{set.Property} = {set.Value}; ")),
        ];
        return later.Length == 0 ? script.ToString() : $"{script}{Next}ForEach-Object {{ {string.Concat(later)}$_ }}";
    }
}
