using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TcpTools.PowerShell;

/// <summary>Makes runspaces in which scripts of users run beside the session that they were written in.</summary>
internal static class ScriptRunspace
{
    /// <summary>The manifest of the module, two folders above its assembly.</summary>
    public static string Manifest { get; } = FindManifest();

    /// <summary>A runspace with the module and with the values that scripts take along; it works on the thread that calls it.</summary>
    public static Runspace Create(IEnumerable<ScriptText> scripts)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ThreadOptions = PSThreadOptions.UseCurrentThread;
        state.ImportPSModule([Manifest]);
        // Nobody sees the progress, which costs time to report.
        state.Variables.Add(new SessionStateVariableEntry("ProgressPreference", ActionPreference.SilentlyContinue, ""));
        foreach (ScriptText script in scripts)
        {
            foreach ((string name, object? value) in script.Variables)
            {
                state.Variables.Add(new SessionStateVariableEntry(name, value, ""));
            }
        }

        return RunspaceFactory.CreateRunspace(state);
    }

    private static string FindManifest()
    {
        string folder = Path.GetDirectoryName(typeof(ScriptRunspace).Assembly.Location)!;
        while (!File.Exists(Path.Combine(folder, "TcpTools.psd1")) && Path.GetDirectoryName(folder) is { } parent)
        {
            folder = parent;
        }

        return Path.Combine(folder, "TcpTools.psd1");
    }
}
