using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Sockets;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>The sessions of the kernel's that a runspace has opened. They are closed with it.</summary>
internal sealed class KernelSessionList : IDisposable
{
    private readonly OwnedList<KernelSession> _sessions = new();

    /// <summary>Those whose connection exists, oldest first.</summary>
    public IEnumerable<KernelSession> Living => _sessions.Items.Where(session => session.State != TcpState.Closed);

    /// <summary>Takes a new one, and forgets those of which nothing is left.</summary>
    public void Add(KernelSession session)
    {
        foreach (KernelSession gone in _sessions.Items.Where(old => old.IsReleased))
        {
            _sessions.Remove(gone);
        }

        _sessions.Add(session);
    }

    /// <summary>Closes all in order: the kernel delivers what was sent even when the process ends.</summary>
    public void Dispose() => _sessions.Dispose();
}
