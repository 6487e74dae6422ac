using System;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Text;
using TcpTools.Forwarding;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Takes connections on a port and passes them on by connections of a stack's, or of the kernel's.</summary>
[Cmdlet(VerbsLifecycle.Start, "TcpForwarder", DefaultParameterSetName = "Stack", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TcpForwarder))]
public sealed class StartTcpForwarderCommand : TcpToolsCmdlet
{
    /// <summary>The port to listen on; 0 for a free one.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>The peer: an address, or a name that the host's resolver knows.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("ComputerName", "HostName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerAddressCompleter))]
    public string RemoteAddress { get; set; } = "";

    /// <summary>The peer's port.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [ValidateRange(1, 65535)]
    [ArgumentCompleter(typeof(WellKnownPortCompleter))]
    public int RemotePort { get; set; }

    /// <summary>The stack by which connections go on.</summary>
    [Parameter(ParameterSetName = "Stack")]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>Connections go on by the kernel's TCP.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Kernel")]
    public SwitchParameter Kernel { get; set; }

    /// <summary>Listens on a port of this stack instead of the kernel's.</summary>
    [Parameter]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? ListenStack { get; set; }

    /// <summary>The address to listen on.</summary>
    [Parameter]
    [AddressTransform]
    public IPAddress? LocalAddress { get; set; }

    /// <summary>Sees, and may change, what is forwarded: a script block, or an IForwardHook.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? OnData { get; set; }

    /// <summary>How text becomes bytes, and bytes text, for -OnData.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = Encoding.Latin1;

    /// <summary>How many connections there may be at once.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaximumConnections { get; set; } = 4096;

    /// <summary>How long a peer may take to answer.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>The forwarder's name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = string.Create(CultureInfo.InvariantCulture, $"{RemoteAddress}:{RemotePort}");
        TcpStack? stack = Kernel ? null : RequireStack(Stack);
        NetworkAddress peer = stack is null
            ? HostNames.ResolveAll(RemoteAddress, StopToken)[0]
            : HostNames.Resolve(RemoteAddress, StopToken);
        NetworkAddress local = LocalAddress is not null ? NetworkAddress.From(LocalAddress)
            : ListenStack is null ? NetworkAddress.Parse("127.0.0.1")
            : default;
        ForwarderOptions options = new()
        {
            Name = Name ?? "",
            Listen = new ForwardTarget(local, Port, ListenStack),
            Peer = new ForwardTarget(peer, RemotePort, stack),
            MaximumConnections = MaximumConnections,
            ConnectTimeout = TimeoutSec < 0 ? TimeSpan.MaxValue : Limit(TimeoutSec),
        };
        if (!ShouldProcess($"{options.Listen} -> {options.Peer}", "Forward connections"))
        {
            return;
        }

        IForwardHook? hook = MakeHook(stack);
        TcpForwarder forwarder;
        try
        {
            forwarder = TcpForwarder.Start(options with { Hook = hook });
        }
        catch
        {
            (hook as IDisposable)?.Dispose();
            throw;
        }

        State.Forwarders.Add(forwarder);
        WriteObject(forwarder);
    }

    private IForwardHook? MakeHook(TcpStack? stack)
    {
        object? hook = OnData is PSObject wrapped ? wrapped.BaseObject : OnData;
        return hook switch
        {
            null => null,
            IForwardHook own => own,
            Action<ForwardedData> action => ForwardHook.From(action),
            ScriptBlock script => new ScriptForwardHook(ScriptText.From(script, "__data", SessionState), Encoding, stack),
            _ => throw new StackException(
                StackError.InvalidArgument,
                $"'{hook}' cannot look at data.",
                "-OnData takes a script block, an object that implements TcpTools.Forwarding.IForwardHook, or an Action of ForwardedData."),
        };
    }
}
