using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Captures packets in the background, into files or into memory.</summary>
[Cmdlet(VerbsLifecycle.Start, "PacketCapture", SupportsShouldProcess = true)]
[OutputType(typeof(BackgroundCapture))]
public sealed class StartPacketCaptureCommand : ChannelCmdlet
{
    private const int MemoryBytesPerFrame = 2048;

    /// <inheritdoc/>
    [Parameter(Position = 0)]
    [LinkTargetTransform]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    public override LinkTarget? Link { get; set; }

    /// <summary>The file; without it packets are kept in memory.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Which packets, in tcpdump's language.</summary>
    [Parameter]
    public string? Filter { get; set; }

    /// <summary>Ends after so many packets; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Count { get; set; }

    /// <summary>Bytes after which the next file begins.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long MaximumFileSize { get; set; }

    /// <summary>Seconds after which the next file begins.</summary>
    [Parameter]
    [ValidateRange(0.001, 1e9)]
    public double MaximumSeconds { get; set; }

    /// <summary>How many files stay.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int FileCount { get; set; }

    /// <summary>Bytes kept of each packet at most.</summary>
    [Parameter]
    [ValidateRange(1, PcapReader.MaximumFrameLength)]
    public int SnapLength { get; set; } = 262144;

    /// <summary>Which way the packets of an interface go.</summary>
    [Parameter]
    public FrameDirection Direction { get; set; }

    /// <summary>Frames for other stations too.</summary>
    [Parameter]
    public SwitchParameter Promiscuous { get; set; }

    /// <summary>How many packets wait at most, and how many are kept in memory.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Capacity { get; set; } = 65536;

    /// <summary>Bytes that the kernel may hold for an interface.</summary>
    [Parameter]
    [ValidateRange(1 << 20, 1 << 30)]
    public int BufferSize { get; set; } = 32 << 20;

    private InterfaceOptions Options => new()
    {
        Sniffs = true,
        Promiscuous = Promiscuous,
        Direction = Direction,
        BufferSize = BufferSize,
    };

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (TargetStack is { Mode: not StackMode.Threaded } still)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The stack '{still.Name}' does not move by itself, so nothing of it can be captured in the background.",
                "Give Start-TcpStack a -CapturePath.");
        }

        if (!ShouldProcess(Path ?? "memory", "Capture packets"))
        {
            return;
        }

        List<IPacketChannel> channels = [.. OpenChannels()];
        try
        {
            foreach (IPacketChannel channel in channels)
            {
                channel.Listen(Filter is null ? null : PacketFilter.Compile(Filter, channel.Start), Capacity);
            }

            BackgroundCapture capture = BackgroundCapture.Begin(channels, MakeSink(), SnapLength, Count);
            State.Captures.Add(capture);
            WriteObject(capture);
        }
        catch
        {
            channels.ForEach(channel => channel.Dispose());
            throw;
        }
    }

    private protected override IPacketChannel OpenInterface(string name) => InterfaceChannel.Open(name, Options);

    private protected override IPacketChannel OpenHost() => new HostChannel(Options);

    private ICaptureSink MakeSink()
    {
        if (Path is null)
        {
            return new MemoryCaptureSink(Capacity, (int)Math.Min(int.MaxValue, (long)Capacity * MemoryBytesPerFrame));
        }

        string path = GetUnresolvedProviderPathFromPSPath(Path);
        Subject = path;
        try
        {
            return new RingFileSink(
                path,
                new PcapWriterOptions
                {
                    Format = path.EndsWith(".pcap", StringComparison.OrdinalIgnoreCase) ? CaptureFormat.Pcap : CaptureFormat.PcapNg,
                    SnapLength = SnapLength,
                },
                new RingFileOptions
                {
                    MaximumFileSize = MaximumFileSize,
                    MaximumTime = TimeSpan.FromSeconds(MaximumSeconds),
                    FileCount = FileCount,
                });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(Errors.Make(
                "CannotWriteFile", ErrorCategory.WriteError, $"The file {path} cannot be written: {e.Message}", path, "Name another file."));
            throw;
        }
    }
}
