using System;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Threading;

namespace TcpTools.PowerShell;

/// <summary>
/// What happens when the module comes and goes. A device dies with its descriptor, so nothing here is needed to leave the
/// system clean; it is a courtesy to peers, which learn by a reset that nobody is there any more.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static int s_installed;
    private static PosixSignalRegistration? s_terminate;
    private static PosixSignalRegistration? s_hangUp;

    /// <summary>Called for each import into each runspace.</summary>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref s_installed, 1) == 0)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => StopEverything();
            // .NET ends the process on these without raising ProcessExit.
            s_terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => StopEverything());
            s_hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => StopEverything());
        }
    }

    /// <summary>
    /// Called when the module is removed from a runspace, on an object of its own: what it needs cannot be in fields.
    /// </summary>
    public void OnRemove(PSModuleInfo psModuleInfo) => ModuleState.Current.StopAll();

    private static void StopEverything()
    {
        foreach (ModuleState state in ModuleState.All)
        {
            state.StopAll();
        }
    }
}
