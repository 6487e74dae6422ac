using System.Management.Automation;
using TcpTools.Links;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <content>By which clock a stack lives.</content>
public sealed partial class StartTcpStackCommand
{
    /// <summary>A manual stack on a wire follows the real time instead of a simulated one.</summary>
    [Parameter]
    public SwitchParameter RealTime { get; set; }

    /// <summary>Where nothing moves unless told, neither does time, except where a device shares the kernel's.</summary>
    private VirtualClock? ChooseClock(ILink link)
    {
        if (RealTime && (!Manual || Clock is not null))
        {
            throw new StackException(
                StackError.InvalidArgument,
                "-RealTime is for a -Manual stack without a -Clock.",
                "A stack that is neither -Manual nor -Virtual lives in real time anyway.");
        }

        bool isSimulated = Virtual || (Manual && !RealTime && link.PollDescriptor < 0);
        return Clock ?? (isSimulated ? State.JoinClock() : null);
    }
}
