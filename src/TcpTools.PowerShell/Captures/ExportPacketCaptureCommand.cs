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
    private readonly Dictionary<PacketStart, CaptureInterface> _interfaces = [];
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

        if (NoClobber && File.Exists(_path))
        {
            ThrowTerminatingError(Errors.Make(
                "FileExists", ErrorCategory.ResourceExists, $"The file {_path} exists.", _path, "Name another, or leave out -NoClobber."));
        }

        bool isNamedClassic = _path.EndsWith(".pcap", StringComparison.OrdinalIgnoreCase);
        CaptureFormat format = MyInvocation.BoundParameters.ContainsKey(nameof(Format))
            ? Format
            : isNamedClassic ? CaptureFormat.Pcap : CaptureFormat.PcapNg;
        try
        {
            _writer = PcapWriter.Create(_path, new PcapWriterOptions { Format = format });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(new ErrorRecord(e, "FileNotWritable", ErrorCategory.OpenError, _path));
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        byte[] bytes = InputObject.ToBytes();
        _writer?.Write(new CapturedFrame
        {
            Timestamp = CaptureTime.From(InputObject.Timestamp ?? DateTimeOffset.UtcNow),
            Bytes = bytes,
            WireLength = InputObject.WireLength,
            Interface = InterfaceOf(InputObject.Start),
        });
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (_writer is null)
        {
            return;
        }

        _writer.Dispose();
        if (PassThru)
        {
            WriteObject(new FileInfo(_path));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _writer?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The capture's interface for packets that start so; a classic file has room for one kind.</summary>
    private CaptureInterface InterfaceOf(PacketStart start)
    {
        if (!_interfaces.TryGetValue(start, out CaptureInterface? on))
        {
            string name = start switch { PacketStart.IP => "packets", PacketStart.Ethernet => "frames", _ => start.ToString() };
            on = new CaptureInterface { Name = name, LinkType = (CaptureLinkType)start.ToLinkType() };
            _interfaces.Add(start, on);
        }

        return on;
    }
}
