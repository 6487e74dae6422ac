using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Writes packets to a capture file.</summary>
[Cmdlet(VerbsData.Export, "PacketCapture", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportPacketCaptureCommand : TcpToolsCmdlet
{
    private readonly Dictionary<(string? Name, CaptureLinkType LinkType), CaptureInterface> _interfaces = [];
    private byte[] _scratch = new byte[2048];
    private PcapWriter? _writer;
    private string _path = "";

    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>The file format; by default what the name's ending says.</summary>
    [Parameter]
    public CaptureFormat Format { get; set; }

    /// <summary>Writes behind what is in the file, in its format.</summary>
    [Parameter]
    public SwitchParameter Append { get; set; }

    /// <summary>Compresses by gzip; done by itself when the name ends in .gz.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    /// <summary>Writes times in microseconds, for readers that know no nanoseconds.</summary>
    [Parameter]
    public SwitchParameter Microseconds { get; set; }

    /// <summary>Bytes kept of each packet at most.</summary>
    [Parameter]
    [ValidateRange(1, PcapReader.MaximumFrameLength)]
    public int SnapLength { get; set; } = 262144;

    /// <summary>A remark about the whole file; pcapng only.</summary>
    [Parameter]
    public string? Comment { get; set; }

    /// <summary>Leaves a file that exists alone.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Writes the file's entry.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        _path = GetUnresolvedProviderPathFromPSPath(Path);
        Subject = _path;
        if (!ShouldProcess(_path, "Write a capture file"))
        {
            return;
        }

        if (NoClobber && !Append && File.Exists(_path))
        {
            ThrowTerminatingError(Errors.Make(
                "FileExists", ErrorCategory.ResourceExists, $"The file {_path} exists.", _path, "Name another, or leave out -NoClobber."));
        }

        PcapWriterOptions options = new()
        {
            Format = MyInvocation.BoundParameters.ContainsKey(nameof(Format)) ? Format : FormatOf(_path),
            Compress = Compress || _path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase),
            Nanoseconds = !Microseconds,
            SnapLength = SnapLength,
            Comment = Comment,
        };
        try
        {
            _writer = Append ? PcapWriter.Append(_path, options) : PcapWriter.Create(_path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(new ErrorRecord(e, "FileNotWritable", ErrorCategory.OpenError, _path));
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (_writer is null)
        {
            return;
        }

        Subject = InputObject;
        try
        {
            _writer.Write(new CapturedFrame
            {
                Timestamp = InputObject.TimestampNanoseconds is { } time ? new(time) : CaptureTime.From(DateTimeOffset.UtcNow),
                Bytes = WriteBytes(),
                WireLength = InputObject.WireLength,
                Interface = FindInterface(),
                Direction = InputObject.Direction,
                Comment = InputObject.Comment,
            });
        }
        catch (IOException e)
        {
            ThrowTerminatingError(new ErrorRecord(e, "FileNotWritable", ErrorCategory.WriteError, _path));
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (_writer is null)
        {
            return;
        }

        try
        {
            _writer.Dispose();
        }
        catch (IOException e)
        {
            ThrowTerminatingError(new ErrorRecord(e, "FileNotWritable", ErrorCategory.WriteError, _path));
        }

        if (PassThru)
        {
            WriteObject(new FileInfo(_path));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        try
        {
            _writer?.Dispose();
        }
        catch (IOException)
        {
            // The pipeline ends for another reason already, or has said so.
        }

        base.Dispose(disposing);
    }

    private static CaptureFormat FormatOf(string path)
    {
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return System.IO.Path.GetExtension(name).ToUpperInvariant() switch
        {
            ".PCAP" or ".CAP" or ".DMP" => CaptureFormat.Pcap,
            ".ERF" => CaptureFormat.Erf,
            _ => CaptureFormat.PcapNg,
        };
    }

    private ReadOnlySpan<byte> WriteBytes()
    {
        int length = InputObject.GetLength();
        if (_scratch.Length < length)
        {
            _scratch = new byte[length * 2];
        }

        return InputObject.TryWrite(_scratch, out int written) ? _scratch.AsSpan(0, written) : InputObject.ToBytes();
    }

    /// <summary>Packets of one interface and one kind go together; what was seen nowhere is of an interface by the kind's name.</summary>
    private CaptureInterface FindInterface()
    {
        (string? Name, CaptureLinkType LinkType) key = (InputObject.Interface, InputObject.GetLinkType());
        if (!_interfaces.TryGetValue(key, out CaptureInterface? known))
        {
            known = new CaptureInterface
            {
                Name = key.Name ?? key.LinkType switch
                {
                    CaptureLinkType.Raw => "packets",
                    CaptureLinkType.Ethernet => "frames",
                    _ => InputObject.Start.ToString(),
                },
                LinkType = key.LinkType,
            };
            _interfaces.Add(key, known);
        }

        return known;
    }
}
