using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <summary>The layers of one place, the one nearest to TCP first, between what is above and what is below.</summary>
internal sealed class LayerChain(
    IReadOnlyList<StackLayer> layers, PartErrors errors, Action<PacketBuffer, Instant> above, Action<PacketBuffer, Instant> below)
{
    /// <summary>Where failures are kept.</summary>
    public PartErrors Errors => errors;

    /// <summary>When one of the layers is to be called.</summary>
    public Instant NextDeadline
    {
        get
        {
            Instant earliest = Instant.Never;
            foreach (StackLayer layer in layers)
            {
                earliest = Instant.Earlier(earliest, layer.NextDeadline);
            }

            return earliest;
        }
    }

    /// <summary>The layers begin to work.</summary>
    public void Attach(TcpStack stack)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            layers[i].Attach(stack, this, i);
        }
    }

    /// <summary>The layers have nothing to do any more.</summary>
    public void Detach()
    {
        foreach (StackLayer layer in layers)
        {
            layer.Detach();
        }
    }

    /// <summary>A packet from below.</summary>
    public void Receive(PacketBuffer packet, Instant now) => Give(layers.Count - 1, packet, isUp: true, now);

    /// <summary>A packet from above.</summary>
    public void Send(PacketBuffer packet, Instant now) => Give(0, packet, isUp: false, now);

    /// <summary>A packet goes on from a layer.</summary>
    public void Pass(StackLayer from, PacketBuffer packet, bool isUp, Instant now) =>
        Give(from.Index + (isUp ? -1 : 1), packet, isUp, now);

    /// <summary>Calls the layers whose time has come.</summary>
    public void OnTimer(Instant now)
    {
        foreach (StackLayer layer in layers)
        {
            if (layer.NextDeadline <= now)
            {
                layer.Fire(now);
            }
        }
    }

    private void Give(int index, PacketBuffer packet, bool isUp, Instant now)
    {
        if (index < 0)
        {
            above(packet, now);
        }
        else if (index >= layers.Count)
        {
            below(packet, now);
        }
        else if (isUp)
        {
            layers[index].TakeUp(packet, now);
        }
        else
        {
            layers[index].TakeDown(packet, now);
        }
    }
}
