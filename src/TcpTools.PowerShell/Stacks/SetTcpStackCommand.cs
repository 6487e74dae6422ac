using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Servers;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>What a stack does with datagrams of UDP for ports that nobody holds.</summary>
public enum UnknownUdpPolicy
{
    /// <summary>Answers with ICMP port unreachable, as RFC 1122, 4.1.3.1 asks for.</summary>
    Unreachable,

    /// <summary>Says nothing.</summary>
    Drop,
}

/// <summary>Changes a stack that works: what becomes of connections and datagrams for ports that nobody holds.</summary>
[Cmdlet(VerbsCommon.Set, "TcpStack", SupportsShouldProcess = true, DefaultParameterSetName = "Queue")]
[OutputType(typeof(TcpStack))]
public sealed class SetTcpStackCommand : ServingCmdlet
{
    /// <summary>The stack.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>What becomes of TCP segments for ports that nobody holds.</summary>
    [Parameter]
    public UnclaimedPortPolicy? UnknownTcp { get; set; }

    /// <summary>For which ports.</summary>
    [Parameter]
    [PortTransform]
    public int[]? PortRange { get; set; }

    /// <summary>How many accepted connections may wait.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Backlog { get; set; } = 128;

    /// <summary>What becomes of UDP datagrams for ports that nobody holds.</summary>
    [Parameter]
    public UnknownUdpPolicy? UnknownUdp { get; set; }

    /// <summary>Writes the stack.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpStack stack = RequireStack(Stack);
        Subject = stack;
        RefuseContradictions();
        if (!ShouldProcess(stack.Name, $"Unknown TCP {UnknownTcp?.ToString() ?? "as before"}, UDP {UnknownUdp?.ToString() ?? "as before"}"))
        {
            return;
        }

        if (UnknownTcp is { } policy)
        {
            foreach ((int first, int last) in Ranges())
            {
                Apply(stack, policy, first, last);
            }
        }

        if (UnknownUdp is { } datagrams)
        {
            stack.AnswersUnclaimedUdp = datagrams == UnknownUdpPolicy.Unreachable;
        }

        if (PassThru)
        {
            WriteObject(stack);
        }
    }

    private void RefuseContradictions()
    {
        if (HasHandler && UnknownTcp != UnclaimedPortPolicy.Accept)
        {
            throw new StackException(
                StackError.InvalidArgument, "Only accepted connections can have a handler.", "Add -UnknownTcp Accept.");
        }

        if (PortRange is not null && UnknownTcp is null)
        {
            throw new StackException(
                StackError.InvalidArgument, "It is not said what becomes of these ports.", "Add -UnknownTcp Reset, Drop or Accept.");
        }

        if (UnknownTcp is null && UnknownUdp is null)
        {
            throw new StackException(
                StackError.InvalidArgument, "There is nothing to set.", "Give -UnknownTcp Reset, Drop or Accept, or -UnknownUdp Unreachable or Drop.");
        }
    }

    private void Apply(TcpStack stack, UnclaimedPortPolicy policy, int first, int last)
    {
        TcpServerOptions? serving = HasHandler ? MakeHandler(stack, $"server {first}-{last}") : null;
        try
        {
            ListenOptions accept = new() { Port = 0, Backlog = Backlog, Settings = ServedSettings(stack, null) };
            UnclaimedPortRule rule = stack.SetUnclaimedPorts(policy, first, last, accept);
            if (serving is not null)
            {
                TcpServer.Start(rule.Listener!, serving);
            }
        }
        catch
        {
            serving?.Owned?.Dispose();
            throw;
        }
    }

    private List<(int First, int Last)> Ranges()
    {
        if (PortRange is not { Length: > 0 })
        {
            return [(1, 65535)];
        }

        List<(int First, int Last)> ranges = [];
        foreach (int port in PortRange.Distinct().Order())
        {
            if (ranges.Count > 0 && ranges[^1].Last == port - 1)
            {
                ranges[^1] = (ranges[^1].First, port);
            }
            else
            {
                ranges.Add((port, port));
            }
        }

        return ranges;
    }
}
