using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Channels;

namespace TcpTools.PowerShell;

/// <summary>
/// Channels for sending that stay open from one call to the next, since opening one costs more than a packet. One that
/// nobody has used for a while is closed; all are when the module goes. They receive nothing and hold no device.
/// </summary>
internal sealed class ChannelCache : IDisposable
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (IPacketChannel Channel, long Since)> _idle = [];
    private Timer? _timer;

    /// <summary>The open channel of a key, which is then the caller's alone, or a new one.</summary>
    public IPacketChannel Rent(string key, Func<IPacketChannel, bool> isGood, Func<IPacketChannel> open)
    {
        IPacketChannel? found = null;
        lock (_lock)
        {
            if (_idle.Remove(key, out (IPacketChannel Channel, long Since) entry))
            {
                found = entry.Channel;
            }
        }

        if (found is not null && !isGood(found))
        {
            found.Dispose();
            found = null;
        }

        return found ?? open();
    }

    /// <summary>Takes a channel back that still works.</summary>
    public void Return(string key, IPacketChannel channel)
    {
        IPacketChannel? surplus = channel;
        lock (_lock)
        {
            if (_idle.TryAdd(key, (channel, Environment.TickCount64)))
            {
                surplus = null;
                _timer ??= new Timer(_ => CloseIdle(s_idle), null, s_idle, s_idle);
            }
        }

        surplus?.Dispose();
    }

    /// <summary>Closes all.</summary>
    public void Dispose() => CloseIdle(TimeSpan.Zero);

    private void CloseIdle(TimeSpan age)
    {
        lock (_lock)
        {
            foreach ((string key, (IPacketChannel channel, long since)) in _idle)
            {
                if (Environment.TickCount64 - since >= age.TotalMilliseconds)
                {
                    _idle.Remove(key);
                    channel.Dispose();
                }
            }

            if (_idle.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }
}
