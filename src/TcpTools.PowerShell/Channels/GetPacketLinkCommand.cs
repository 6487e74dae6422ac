using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Channels;

namespace TcpTools.PowerShell;

/// <summary>Lists where packets can be sent and received: the kernel's interfaces, and the links of the runspace's stacks.</summary>
[Cmdlet(VerbsCommon.Get, "PacketLink")]
[OutputType(typeof(PacketLink))]
public sealed class GetPacketLinkCommand : TcpToolsCmdlet
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Who opens the interfaces when one of the objects is used: Kernel, or a driver such as SharpPcap.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DriverCompleter))]
    public string Driver { get; set; } = CaptureDrivers.Kernel;

    /// <inheritdoc/>
    protected override void Process()
    {
        List<PacketLink> links = FindLinks();
        foreach (string name in Name)
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            PacketLink[] found = [.. links.Where(link => pattern.IsMatch(link.Name))];
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(Errors.Make(
                    "NoInterface",
                    ErrorCategory.ObjectNotFound,
                    $"There is no network interface '{name}'.",
                    name,
                    "Get-PacketLink without a name lists those that are there."));
            }

            foreach (PacketLink link in found)
            {
                WriteObject(link);
            }
        }
    }

    private List<PacketLink> FindLinks()
    {
        IReadOnlyList<PacketInterface> interfaces = PacketInterface.GetAll();
        if (RequireDriver(Driver) is { } driver)
        {
            HashSet<string> known = [.. driver.ListInterfaces()];
            return [.. interfaces.Where(place => known.Contains(place.Name)).Select(place => new PacketLink(place, driver))];
        }

        // A device of ours is the kernel's as well: what the kernel says of it is about its other end.
        return [.. interfaces.Select(place => new PacketLink(place)), .. State.Stacks.Select(stack => new PacketLink(stack))];
    }
}
