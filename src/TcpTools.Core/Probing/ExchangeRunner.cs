using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.Probing;

/// <summary>
/// Sends packets over a channel and gives what comes back: each answer as it comes, what is not answered when its time is
/// up. In simulated time where the channel is. For one thread at a time.
/// </summary>
/// <remarks>
/// Packets come one by one (<see cref="Add"/>, while <see cref="HasRoom"/>), so that there may be any number of them, and
/// what is on its way stays bounded. The channel stays the caller's.
/// </remarks>
public sealed class ExchangeRunner
{
    // After so many packets sent in a row, what has come in is looked at, so that no queue overflows meanwhile.
    private const int Burst = 16;

    private readonly IPacketChannel _channel;
    private readonly PacketExchange _exchange;

    /// <summary>Begins to listen on the channel.</summary>
    /// <param name="channel">Where to send and receive.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="filter">What does not pass it is not looked at; null for no filter.</param>
    /// <exception cref="StackException">An option does not fit, or nothing can be received.</exception>
    public ExchangeRunner(IPacketChannel channel, ExchangeOptions? options = null, PacketFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        const int LeastQueue = 4096;
        _channel = channel;
        _exchange = new PacketExchange(options ?? new ExchangeOptions(), channel.ToDateTime);
        channel.Listen(filter, LeastQueue);
    }

    /// <summary>What has happened so far.</summary>
    public ExchangeCounters Counters => _exchange.Counters;

    /// <summary>Whether another packet may be added now. When not, <see cref="Step"/> makes room in time.</summary>
    public bool HasRoom => _exchange.HasRoom;

    /// <summary>Whether nothing is left to send or to wait for. Results may still be there.</summary>
    public bool IsComplete => _exchange.IsComplete;

    /// <summary>The number that results have for their round.</summary>
    public int Round
    {
        get => _exchange.Round;
        set => _exchange.Round = value;
    }

    /// <summary>Exchanges a sequence of packets, which may be endless; it is asked for the next only when there is room.</summary>
    public static IEnumerable<ExchangeResult> Exchange(
        IPacketChannel channel,
        IEnumerable<Packet> probes,
        ExchangeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(probes);
        ExchangeRunner runner = new(channel, options);
        ExchangeResult? result;
        foreach (Packet probe in probes)
        {
            while (!runner.HasRoom && !runner.IsComplete)
            {
                runner.Step(Instant.Never, cancellationToken);
            }

            while (runner.TryTakeResult(out result))
            {
                yield return result;
            }

            if (runner.IsComplete)
            {
                yield break;
            }

            runner.Add(probe);
        }

        runner.CompleteAdding();
        while ((result = runner.Next(cancellationToken)) is not null)
        {
            yield return result;
        }
    }

    /// <summary>Takes a packet to be sent when it is due. Its bytes are made now; the object itself stays as it is.</summary>
    /// <param name="probe">The packet.</param>
    /// <param name="tag">Something that the results of this packet shall have with them.</param>
    public void Add(Packet probe, object? tag = null)
    {
        ArgumentNullException.ThrowIfNull(probe);
        _exchange.Add(_channel.Complete(probe), tag);
    }

    /// <summary>No more packets come.</summary>
    public void CompleteAdding() => _exchange.CompleteAdding();

    /// <summary>Ends the exchange at once: what is not answered yet gives no result.</summary>
    public void End() => _exchange.End();

    /// <summary>Takes the oldest result that nobody has taken.</summary>
    public bool TryTakeResult([NotNullWhen(true)] out ExchangeResult? result) => _exchange.TryTakeResult(out result);

    /// <summary>The next result, waiting for it; null when all is done. Call <see cref="CompleteAdding"/> before.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ExchangeResult? Next(CancellationToken cancellationToken = default)
    {
        ExchangeResult? result;
        while (!_exchange.TryTakeResult(out result) && !_exchange.IsComplete)
        {
            Step(Instant.Never, cancellationToken);
        }

        return result;
    }

    /// <summary>
    /// Sends what is due and takes what has come. When there is nothing of either, waits for something to come, but not
    /// beyond a time of the channel's clock. A time that has passed does not wait.
    /// </summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public void Step(Instant until, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int sent = SendDue();
        Instant now = _channel.Now;
        bool received = false;
        while (_channel.Receive(now, cancellationToken) is { } frame)
        {
            received = true;
            _exchange.OnReceived(frame);
            if (_exchange.IsComplete)
            {
                return;
            }
        }

        _exchange.Move(_channel.Now);
        Instant wake = Instant.Earlier(until, _exchange.NextDeadline);
        if (sent == 0 && !received && !_exchange.IsComplete && wake > _channel.Now
            && _channel.Receive(wake, cancellationToken) is { } late)
        {
            _exchange.OnReceived(late);
        }

        _exchange.Move(_channel.Now);
    }

    private int SendDue()
    {
        int sent = 0;
        while (sent < Burst && _exchange.TryTakeDue(_channel.Now, out DueProbe due))
        {
            sent++;
            try
            {
                if (due.Entry.Start == _channel.Start)
                {
                    _channel.Send(due.Frame);
                }
                else
                {
                    _channel.Send(due.Packet);
                }
            }
            catch (StackException e) when (e.Error != StackError.StackStopped)
            {
                _exchange.OnFailed(due, e);
            }
        }

        return sent;
    }
}
