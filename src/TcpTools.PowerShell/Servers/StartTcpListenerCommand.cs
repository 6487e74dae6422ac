using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using TcpTools.Servers;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>What becomes of a SYN for which a listener has no room.</summary>
public enum BacklogFullPolicy
{
    /// <summary>It is dropped, as a kernel does, and the peer tries again.</summary>
    Drop,

    /// <summary>It is answered with a reset.</summary>
    Reset,
}

/// <summary>Starts to take connections on a port of a stack.</summary>
[Cmdlet(VerbsLifecycle.Start, "TcpListener", SupportsShouldProcess = true, DefaultParameterSetName = "Queue")]
[OutputType(typeof(TcpListener))]
public sealed class StartTcpListenerCommand : ServingCmdlet
{
    /// <summary>The port; 0 for a free one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateRange(0, 65535)]
    [ArgumentCompleter(typeof(WellKnownPortCompleter))]
    public int Port { get; set; }

    /// <summary>One of the stack's own addresses.</summary>
    [Parameter]
    [AddressTransform]
    [ArgumentCompleter(typeof(OwnAddressCompleter))]
    public IPAddress? LocalAddress { get; set; }

    /// <summary>How many complete connections may wait.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Backlog { get; set; } = 128;

    /// <summary>What becomes of a SYN when no more connections may wait.</summary>
    [Parameter]
    public BacklogFullPolicy BacklogFull { get; set; }

    /// <summary>The stack.</summary>
    [Parameter]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>TCP options of the connections, by name.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TcpOptionCompleter))]
    public Hashtable? Option { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpStack stack = RequireStack(Stack);
        Subject = string.Create(CultureInfo.InvariantCulture, $"{LocalAddress ?? IPAddress.Any}:{Port}");
        if (!ShouldProcess($"{stack.Name}, port {Port}", "Listen"))
        {
            return;
        }

        ListenOptions listen = new()
        {
            Port = Port,
            LocalAddress = LocalAddress is null ? null : NetworkAddress.From(LocalAddress),
            Backlog = Backlog,
            ResetsWhenFull = BacklogFull == BacklogFullPolicy.Reset,
            Settings = ServedSettings(stack, Option),
        };
        if (!HasHandler)
        {
            WriteObject(stack.Listen(listen));
            return;
        }

        TcpServerOptions serving = MakeHandler(stack, string.Create(CultureInfo.InvariantCulture, $"server {Port}"));
        try
        {
            WriteObject(TcpServer.Start(stack, listen, serving).Listener);
        }
        catch
        {
            serving.Owned?.Dispose();
            throw;
        }
    }
}
