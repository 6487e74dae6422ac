using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>A packet as a tree of its layers and their fields, with the place of each and whether it was computed or set.</summary>
public static class PacketTreeView
{
    private const int PlaceWidth = 6;
    private const int Indent = 2;
    private const int WidestName = 28;

    /// <summary>The lines of the tree.</summary>
    /// <param name="fields">The layers to show, as <see cref="Packet.GetFields"/> gives them.</param>
    public static IEnumerable<PacketLine> Render(IEnumerable<PacketField> fields)
    {
        foreach (PacketField layer in fields)
        {
            foreach (PacketLine line in RenderLayer(layer, 0))
            {
                yield return line;
            }
        }
    }

    /// <summary>Where a field starts: its byte, and behind a point its bit in it where it does not start with a byte.</summary>
    internal static string Place(PacketField field) => field.IsWholeBytes
        ? field.Offset.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{field.Offset}.{field.BitOffset % 8}");

    private static IEnumerable<PacketLine> RenderLayer(PacketField layer, int depth)
    {
        string about = layer.Text.StartsWith(layer.Name, StringComparison.OrdinalIgnoreCase) ? layer.Text[layer.Name.Length..].TrimStart() : layer.Text;
        PacketLine head = new PacketLine().Pad(depth * Indent).Add(layer.Name, LineRole.Layer).Add(about.Length > 0 ? $" {about}" : "");
        string length = layer.Length == 1 ? "1 byte" : string.Create(CultureInfo.InvariantCulture, $"{layer.Length} bytes");
        yield return head.Add(string.Create(CultureInfo.InvariantCulture, $", {length} at {layer.Offset}"), LineRole.Place);
        foreach (PacketLine line in RenderFields(layer.Fields, depth + 1))
        {
            yield return line;
        }
    }

    private static IEnumerable<PacketLine> RenderFields(IReadOnlyList<PacketField> fields, int depth)
    {
        int width = fields.Count == 0 ? 0 : Math.Min(fields.Max(field => field.Name.Length), WidestName);
        foreach (PacketField field in fields)
        {
            if (field.IsLayer)
            {
                foreach (PacketLine inner in RenderLayer(field, depth))
                {
                    yield return inner;
                }

                continue;
            }

            PacketLine line = new PacketLine().Pad(((depth - 1) * Indent) + PlaceWidth - Place(field).Length).Add(Place(field), LineRole.Place);
            line.Add("  ").Add(field.Name, LineRole.Name).Pad(((depth - 1) * Indent) + PlaceWidth + 2 + width, 0).Add("  ");
            yield return field.State switch
            {
                PacketFieldState.Computed => line.Add(field.Text, LineRole.Computed).Add("  computed", LineRole.Computed),
                PacketFieldState.Fixed => line.Add(field.Text, LineRole.Fixed).Add("  set", LineRole.Fixed),
                _ => line.Add(field.Text),
            };
            foreach (PacketLine inner in RenderFields(field.Fields, depth + 1))
            {
                yield return inner;
            }
        }
    }
}
