using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>Layers of the user's: below IP they are part of the link, above IP they stand before TCP.</content>
public sealed partial class TcpStack
{
    private LayerChain? _layersBelow;
    private LayerChain? _layers; // above IP

    /// <summary>The user's layers, the one nearest to TCP first.</summary>
    public IReadOnlyList<StackLayer> Layers => Options.Layers;

    /// <summary>Enters a stack that works.</summary>
    /// <exception cref="StackException">It was stopped.</exception>
    internal Entry EnterRunning()
    {
        Entry entry = Enter();
        if (_state == StackState.Running)
        {
            return entry;
        }

        entry.Dispose();
        throw SessionErrors.StackStopped(this);
    }

    /// <summary>With layers, the stack works on a link that has them on top.</summary>
    private static TcpStackOptions WithLayers(TcpStackOptions options)
    {
        if (options.Layers.Count == 0)
        {
            return options;
        }

        foreach (StackLayer layer in options.Layers)
        {
            if (layer.Stack is { } other || options.Layers.Count(l => ReferenceEquals(l, layer)) > 1)
            {
                throw new StackException(
                    StackError.InvalidArgument,
                    $"The layer '{layer.Name}' works in the stack '{layer.Stack?.Name ?? options.Name}' already.",
                    "A layer has one place in one stack: make another for each.");
            }
        }

        return options with { Link = new LayerLink(options.Link, options.Buffers) };
    }

    private void AttachLayers()
    {
        if (Link is not LayerLink link)
        {
            return;
        }

        StackLayer[] above = [.. Options.Layers.Where(layer => layer.Place == LayerPlace.AboveIP)];
        StackLayer[] below = [.. Options.Layers.Where(layer => layer.Place == LayerPlace.BelowIP)];
        LayerChain upper = new(above, _partErrors, DeliverFromLayers, SendFromLayers);
        _layers = above.Length > 0 ? upper : null;
        _layersBelow = new LayerChain(below, _partErrors, link.Raise, link.Lower);
        link.Attach(_layersBelow, upper);
        upper.Attach(this);
        _layersBelow.Attach(this);
    }

    private void DetachLayers()
    {
        foreach (StackLayer layer in Layers)
        {
            layer.Detach();
        }

        (Link as LayerLink)?.Clear();
    }

    /// <summary>A TCP datagram for the layers before TCP.</summary>
    private void LiftToLayers(in IPDatagram datagram, Instant now)
    {
        int headerLength = datagram.Header.Length;
        PacketBuffer packet = Options.Buffers.Rent(headerLength + datagram.Payload.Length);
        datagram.Header.CopyTo(packet.Append(headerLength));
        datagram.Payload.CopyTo(packet.Append(datagram.Payload.Length));
        packet.Timestamp = now;
        if (datagram.Offload.NeedsChecksum)
        {
            HookChecksums.Update(packet.Span);
        }

        _layers!.Receive(packet, now);
    }

    /// <summary>What the layers pass up to TCP. What is no TCP datagram any more goes nowhere.</summary>
    private void DeliverFromLayers(PacketBuffer packet, Instant now)
    {
        IPv4View view = new(packet.Span);
        if (view.IsValid && view.Protocol == IPProtocol.Tcp && !view.IsFragment)
        {
            packet.Truncate(view.TotalLength);
            IPDatagram datagram = IPv4InputRules.ToDatagram(packet, isUnicast: true, isLooped: false, isReassembled: false);
            if (_hooks is null || !TakeHookedSegment(datagram, now))
            {
                DeliverTcp(datagram, now);
            }
        }
        else
        {
            _counters.InErrs++;
        }

        packet.Release();
    }

    /// <summary>Gives a datagram to the IP layer, past the user's layers.</summary>
    private void SendDatagram(PacketBuffer buffer, in IPSendOptions send, Instant now)
    {
        if (_layers is null)
        {
            _ip.Send(buffer, send, now);
            return;
        }

        int headerLength = IPv4View.MinimumHeaderLength + ((send.Options.Length + 3) & ~3);
        Span<byte> header = buffer.Push(headerLength);
        header.Clear();
        send.Options.CopyTo(header[IPv4View.MinimumHeaderLength..]);
        new IPv4Editor(header)
        {
            Version = 4,
            HeaderLength = headerLength,
            TotalLength = (ushort)buffer.Length,
            TypeOfService = send.TypeOfService,
            Identification = send.Identification ?? 0,
            DontFragment = send.DontFragment,
            TimeToLive = send.TimeToLive == 0 ? _ip.Settings.TimeToLive : send.TimeToLive,
            Protocol = send.Protocol,
            Source = send.Source,
            Destination = send.Destination,
        }.UpdateChecksum();
        _layers.Send(buffer, now);
    }

    /// <summary>What the layers pass down to IP, which makes a header of its own by what stands in theirs.</summary>
    private void SendFromLayers(PacketBuffer packet, Instant now)
    {
        IPv4View header = new(packet.Span);
        if (!header.IsValid || header.TotalLength > packet.Length || header.IsFragment)
        {
            packet.Release();
            return;
        }

        packet.Truncate(header.TotalLength);
        header = new IPv4View(packet.Span);
        Span<byte> options = stackalloc byte[IPv4View.MaximumHeaderLength];
        header.Options.CopyTo(options);
        IPSendOptions send = new()
        {
            Source = header.Source,
            Destination = header.Destination,
            Protocol = header.Protocol,
            TimeToLive = header.TimeToLive,
            TypeOfService = header.TypeOfService,
            DontFragment = header.DontFragment,
            Identification = header.Identification == 0 ? null : header.Identification,
            Options = options[..header.Options.Length],
        };
        packet.Pull(header.HeaderLength);
        _ip.Send(packet, send, now);
    }
}
