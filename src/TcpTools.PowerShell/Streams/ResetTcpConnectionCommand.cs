using System;
using System.Globalization;
using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Streams;

namespace TcpTools.PowerShell;

/// <summary>Ends somebody else's TCP connection by resets to both sides.</summary>
[Cmdlet(VerbsCommon.Reset, "TcpConnection", DefaultParameterSetName = "Connection", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(Packet))]
public sealed class ResetTcpConnectionCommand : ChannelCmdlet
{
    private IPacketChannel? _channel;

    /// <summary>The connection: a stream, an event of one, or a packet of it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Connection")]
    [ConnectionTransform]
    public TcpReset InputObject { get; set; } = null!;

    /// <summary>One side, address and port.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Endpoint")]
    [StreamEndpointTransform]
    public StreamEndpoint Source { get; set; }

    /// <summary>The other side, address and port.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Endpoint")]
    [StreamEndpointTransform]
    public StreamEndpoint Destination { get; set; }

    /// <summary>How long to wait for a segment that tells the numbers.</summary>
    [Parameter(ParameterSetName = "Endpoint")]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>Writes the resets.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        bool isKnown = ParameterSetName == "Connection";
        string connection = isKnown ? InputObject.ToString() : $"{Source} <-> {Destination}";
        if (!ShouldProcess(connection, "Reset the TCP connection"))
        {
            return;
        }

        _channel ??= OpenChannel();
        TcpReset reset = isKnown ? InputObject : Find(_channel);
        foreach (Packet packet in reset.ToPackets())
        {
            _channel.Send(packet);
            if (PassThru)
            {
                WriteObject(packet);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _channel?.Dispose();
        base.Dispose(disposing);
    }

    private static string Match(StreamEndpoint from, StreamEndpoint to) => string.Create(
        CultureInfo.InvariantCulture, $"(src host {from.Address} and src port {from.Port} and dst host {to.Address} and dst port {to.Port})");

    /// <summary>Waits for a segment of the connection with the numbers of both sides.</summary>
    private TcpReset Find(IPacketChannel channel)
    {
        channel.Listen(PacketFilter.Compile($"tcp and ({Match(Source, Destination)} or {Match(Destination, Source)})", channel.Start), 64);
        TimeSpan limit = Limit(TimeoutSec);
        Instant until = limit < TimeSpan.Zero ? Instant.Never : channel.Now + limit;
        while (channel.Receive(until, StopToken) is { } frame)
        {
            if (TcpReset.Of(frame.ToPacket()) is { SecondNumber: not null } reset)
            {
                return reset;
            }
        }

        throw new StackException(
            StackError.TimedOut,
            $"Nothing was seen of {Source} <-> {Destination}.",
            "Its numbers are only known from its segments: wait longer with -TimeoutSec, or pipe a stream of Watch-TcpStream.");
    }
}
