using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>How a packet is shown.</summary>
public enum PacketView
{
    /// <summary>Layers and their fields, with the place of each.</summary>
    Tree,

    /// <summary>Sixteen bytes a line.</summary>
    Hex,

    /// <summary>A line for each field with its bytes or bits.</summary>
    HexFields,

    /// <summary>One line in the manner of tcpdump.</summary>
    Line,

    /// <summary>JSON.</summary>
    Json,
}

/// <summary>How a line tells the time.</summary>
public enum PacketTime
{
    /// <summary>The time of day.</summary>
    Absolute,

    /// <summary>Seconds since the first packet.</summary>
    Relative,

    /// <summary>Seconds since the packet before.</summary>
    Delta,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>Shows packets.</summary>
[Cmdlet(VerbsCommon.Format, "Packet")]
[OutputType(typeof(string))]
public sealed class FormatPacketCommand : InspectionCmdlet
{
    private long? _first;
    private long? _last;
    private bool _isNext;

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>How to show them.</summary>
    [Parameter(Position = 0)]
    public PacketView View { get; set; } = PacketView.Tree;

    /// <summary>The layers to show.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LayerNameCompleter))]
    public string[] Layer { get; set; } = [];

    /// <summary>How a line tells the time.</summary>
    [Parameter]
    public PacketTime Time { get; set; } = PacketTime.Absolute;

    /// <summary>JSON on one line.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        PacketField[] fields = View is PacketView.Line ? [] : [.. Choose(InputObject.GetFields())];
        switch (View)
        {
            case PacketView.Line:
                WriteObject(TellTime() + InputObject);
                break;
            case PacketView.Json:
                WriteObject(PacketJson.Render(fields, Compress));
                break;
            case PacketView.Hex:
                WriteSeparated(PacketHexView.Render(Cut(fields)));
                break;
            case PacketView.HexFields:
                WriteSeparated(PacketHexView.RenderFields(InputObject.ToBytes(), fields));
                break;
            default:
                WriteSeparated(PacketTreeView.Render(fields));
                break;
        }
    }

    private void WriteSeparated(IEnumerable<PacketLine> lines)
    {
        if (_isNext)
        {
            WriteObject("");
        }

        _isNext = true;
        Write(lines);
    }

    private IEnumerable<PacketField> Choose(IEnumerable<PacketField> layers)
    {
        WildcardPattern[] patterns = [.. Layer.Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase))];
        return patterns.Length == 0 ? layers : layers.Where(layer =>
            patterns.Any(pattern => pattern.IsMatch(layer.Name) || pattern.IsMatch(((PacketLayer)layer.Value!).Name)));
    }

    /// <summary>The bytes of all layers, or of those chosen.</summary>
    private byte[] Cut(PacketField[] fields)
    {
        byte[] bytes = InputObject.ToBytes();
        return Layer.Length == 0 ? bytes : [.. fields.SelectMany(field => bytes.Skip(field.Offset).Take(field.Length))];
    }

    private string TellTime()
    {
        if (Time == PacketTime.None || InputObject.TimestampNanoseconds is not { } now)
        {
            return "";
        }

        const double Second = 1e9;
        long since = Time == PacketTime.Delta ? _last ?? now : _first ?? now;
        _first ??= now;
        _last = now;
        return Time == PacketTime.Absolute
            ? string.Create(CultureInfo.InvariantCulture, $"{InputObject.Timestamp!.Value.ToLocalTime():HH:mm:ss.ffffff} ")
            : string.Create(CultureInfo.InvariantCulture, $"{(now - since) / Second,12:0.000000} ");
    }
}
