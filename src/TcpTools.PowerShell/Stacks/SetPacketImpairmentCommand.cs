using System.Management.Automation;
using TcpTools.Links;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Which packets an impairment concerns.</summary>
public enum ImpairmentDirection
{
    /// <summary>Those of both directions.</summary>
    Both,

    /// <summary>Those that leave: from a wire's end A, or from a stack.</summary>
    Outgoing,

    /// <summary>Those that come: to a wire's end A, or to a stack.</summary>
    Incoming,
}

/// <summary>Changes what happens to packets on a wire, or on a stack's link.</summary>
[Cmdlet(VerbsCommon.Set, "PacketImpairment", SupportsShouldProcess = true)]
[OutputType(typeof(ImpairedWire), typeof(TcpStack))]
public sealed class SetPacketImpairmentCommand : ImpairmentCmdlet
{
    /// <summary>The wire, the stack or the link.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Which direction to change.</summary>
    [Parameter]
    public ImpairmentDirection Direction { get; set; }

    /// <summary>The largest IP packet, in bytes, that passes.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int Mtu { get; set; }

    /// <summary>A whole impairment to start from instead of the present one.</summary>
    [Parameter]
    [ImpairmentTransform]
    [ArgumentCompleter(typeof(ImpairmentCompleter))]
    public Impairment? Impairment { get; set; }

    /// <summary>Starts from a network that does nothing to packets.</summary>
    [Parameter]
    public SwitchParameter Clear { get; set; }

    /// <summary>Writes the object that was changed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        object target = InputObject.BaseObject;
        Subject = target;
        ImpairmentLink? link = Find(target);
        if (link is null)
        {
            WriteError(Errors.Make(
                "ImpairmentNotAvailable",
                ErrorCategory.InvalidOperation,
                $"'{InputObject}' has no place where packets could be impaired.",
                target,
                "Wires from New-PacketWire can always be changed; a stack, when it was started with -Impairment @{}."));
            return;
        }

        if (!ShouldProcess(link.Name, $"Change what happens to packets ({Direction})"))
        {
            return;
        }

        if (Direction != ImpairmentDirection.Incoming)
        {
            link.Outgoing = Changed(link.Outgoing);
        }

        if (Direction != ImpairmentDirection.Outgoing)
        {
            link.Incoming = Changed(link.Incoming);
        }

        if (PassThru)
        {
            WriteObject(target);
        }
    }

    private Impairment Changed(Impairment present)
    {
        Impairment start = Impairment ?? (Clear ? Links.Impairment.None : present);
        Impairment changed = Change(start);
        changed = MyInvocation.BoundParameters.ContainsKey(nameof(Mtu)) ? changed with { Mtu = Mtu } : changed;
        changed.Validate();
        return changed;
    }

    private static ImpairmentLink? Find(object target) => target switch
    {
        ImpairedWire wire => wire.Impairments,
        TcpStack stack => LinkChain.Find<ImpairmentLink>(stack.Link),
        ILink link => LinkChain.Find<ImpairmentLink>(link),
        _ => null,
    };
}
