using System;
using System.Collections.Generic;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <summary>What a stack does with segments for ports of a range that nobody holds.</summary>
/// <param name="FirstPort">The lowest port.</param>
/// <param name="LastPort">The highest port.</param>
/// <param name="Policy">What it does.</param>
/// <param name="Listener">Who takes the connections, where the policy is to accept them.</param>
public sealed record UnclaimedPortRule(int FirstPort, int LastPort, UnclaimedPortPolicy Policy, TcpListener? Listener = null)
{
    /// <summary>Range and policy, in a line.</summary>
    public override string ToString() =>
        FirstPort == LastPort ? $"{FirstPort} {Policy}" : $"{FirstPort}-{LastPort} {Policy}";

    internal bool Covers(int port) => port >= FirstPort && port <= LastPort;
}

/// <content>What becomes of segments for ports that nobody holds, by ranges of ports.</content>
public sealed partial class TcpStack
{
    private UnclaimedPortRule[]? _unclaimed; // the newest first; null for what the options say, for all ports

    /// <summary>
    /// What becomes of segments for ports that nobody holds, the newest rule first; for a port the first that covers it is
    /// followed. The last one covers all ports.
    /// </summary>
    public IReadOnlyList<UnclaimedPortRule> UnclaimedPorts
    {
        get
        {
            lock (_lock)
            {
                UnclaimedPortRule[] rules = [.. _unclaimed ?? [], DefaultRule];
                return rules;
            }
        }
    }

    /// <summary>Whether UDP datagrams for ports that nobody holds are answered with ICMP port unreachable (RFC 1122, 4.1.3.1).</summary>
    public bool AnswersUnclaimedUdp
    {
        get
        {
            lock (_lock)
            {
                return _udp.AnswersUnclaimed;
            }
        }

        set
        {
            lock (_lock)
            {
                _udp.AnswersUnclaimed = value;
            }
        }
    }

    private UnclaimedPortRule DefaultRule => new(1, 65535, Options.UnclaimedPorts);

    /// <summary>Sets what becomes of segments for ports of a range that nobody holds. What was set last for a port counts.</summary>
    /// <param name="policy">What is done.</param>
    /// <param name="firstPort">The lowest port, from 1.</param>
    /// <param name="lastPort">The highest port, to 65535.</param>
    /// <param name="accept">How connections are taken, for <see cref="UnclaimedPortPolicy.Accept"/>; its port is of no meaning.</param>
    /// <returns>
    /// The rule; with <see cref="UnclaimedPortPolicy.Accept"/> it has a listener, by which connections to all ports of the range come,
    /// and whose stopping ends the rule.
    /// </returns>
    /// <exception cref="StackException">
    /// <see cref="StackError.InvalidArgument"/>: the ports are no range; <see cref="StackError.StackStopped"/>.
    /// </exception>
    public UnclaimedPortRule SetUnclaimedPorts(
        UnclaimedPortPolicy policy, int firstPort = 1, int lastPort = 65535, ListenOptions? accept = null)
    {
        if (firstPort < 1 || lastPort > 65535 || firstPort > lastPort)
        {
            throw new StackException(
                StackError.InvalidArgument, $"{firstPort} to {lastPort} is no range of ports.", "Ports are 1 to 65535, the lower one first.");
        }

        _ = accept?.Settings?.Validate();
        using Entry entry = Enter();
        ThrowIfStopped();
        TcpListener? listener = policy == UnclaimedPortPolicy.Accept
            ? new TcpListener(this, new ListenKey(default, (ushort)firstPort), accept?.Backlog ?? 128, accept?.Settings ?? Options.Tcp)
            {
                LastPort = lastPort,
                IsCatchAll = true,
                ResetsWhenFull = accept?.ResetsWhenFull ?? false,
            }
            : null;
        UnclaimedPortRule rule = new(firstPort, lastPort, policy, listener);
        // Rules that no port would follow any more go, and with them those who took connections by them.
        List<UnclaimedPortRule> rules = [rule];
        foreach (UnclaimedPortRule old in _unclaimed ?? [])
        {
            if (old.FirstPort < firstPort || old.LastPort > lastPort)
            {
                rules.Add(old);
            }
        }

        UnclaimedPortRule[] before = _unclaimed ?? [];
        _unclaimed = [.. rules];
        foreach (UnclaimedPortRule old in before)
        {
            if (!rules.Contains(old))
            {
                old.Listener?.StopNow(entry.Now, TcpCloseReason.Aborted);
            }
        }

        return rule;
    }

    /// <summary>The rule for a port that nobody holds; null where the options' policy counts.</summary>
    private UnclaimedPortRule? FindUnclaimed(int port)
    {
        if (_unclaimed is not null)
        {
            foreach (UnclaimedPortRule rule in _unclaimed)
            {
                if (rule.Covers(port))
                {
                    return rule;
                }
            }
        }

        return null;
    }

    private UnclaimedPortPolicy PolicyFor(int port) =>
        _unclaimed is null ? Options.UnclaimedPorts : FindUnclaimed(port)?.Policy ?? Options.UnclaimedPorts;

    private void RemoveCatchAll(TcpListener listener)
    {
        if (_unclaimed is not null)
        {
            _unclaimed = Array.FindAll(_unclaimed, rule => rule.Listener != listener);
            _unclaimed = _unclaimed.Length == 0 ? null : _unclaimed;
        }
    }

    /// <summary>All listeners, those that take connections to ports that nobody holds among them.</summary>
    private IEnumerable<TcpListener> AllListeners()
    {
        foreach (TcpListener listener in _listeners.Values)
        {
            yield return listener;
        }

        foreach (UnclaimedPortRule rule in _unclaimed ?? [])
        {
            if (rule.Listener is { } listener)
            {
                yield return listener;
            }
        }
    }
}
