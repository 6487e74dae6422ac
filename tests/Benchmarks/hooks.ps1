# What hooks cost: hooks.ps1 RUNS prints, for each kind of hook, the time that a segment takes from one stack to another over a wire
# in memory, in turns, and its ratio to that without a hook in the same turn. Both stacks and the wire work on one thread in
# simulated time; a script works on a thread of its own, which is waited for.
param([int] $Runs = 3, [int] $Segments = 20000)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../../TcpTools.psd1"
Add-Type -ReferencedAssemblies ([TcpTools.Stack.TcpStack].Assembly.Location), 'System.Runtime', 'System.Memory' -TypeDefinition @'
    using System;
    using TcpTools.Hooks;
    using TcpTools.Stack;
    using TcpTools.Wire;

    public static class HookCosts
    {
        public static readonly IPacketHook Looks = new LookHook();
        public static readonly IPacketHook Changes = new ChangeHook();
        public static readonly IPacketHook Objects = new PacketActionHook(context => context.Tcp.Window = 30000);

        // The nanoseconds that each of so many segments takes, twenty on their way at a time.
        public static double Move(TcpSession from, TcpSession to, VirtualNetwork network, int segments)
        {
            byte[] data = new byte[100];
            byte[] buffer = new byte[65536];
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            for (int done = 0; done < segments;)
            {
                int asked = 0;
                for (; asked < 20; asked++)
                {
                    from.Write(data);
                }

                for (int got = 0; got < asked * data.Length;)
                {
                    network.RunUntilIdle();
                    int count = to.Read(buffer);
                    got += count;
                    if (count == 0)
                    {
                        network.Run(TimeSpan.FromMilliseconds(1));
                    }
                }

                done += asked;
            }

            return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalNanoseconds / segments;
        }

        private sealed class LookHook : IPacketHook
        {
            private long _bytes;

            public HookVerdict OnPacket(ref HookCall call)
            {
                _bytes += call.Payload.Length + call.Tcp.Window;
                return HookVerdict.Accept;
            }
        }

        private sealed class ChangeHook : IPacketHook
        {
            public HookVerdict OnPacket(ref HookCall call)
            {
                TcpEditor tcp = call.EditTcp();
                tcp.Window = 30000;
                return HookVerdict.Accept;
            }
        }
    }
'@

$wire = New-PacketWire -Seed 1
$client = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Name client -Seed 1 -Default -Virtual
$server = Start-TcpStack 10.7.0.2/24 -Link $wire.B -Name server -Seed 2 -Virtual
$listener = Start-TcpListener 80 -Stack $server
$near = Open-TcpSession 10.7.0.2 80
$far = $listener | Receive-TcpSession
$near.NoDelay = $true
$network = $client.Clock.Network

$kinds = [ordered] @{
    'no hook'                        = @{ Share = 1; Make = { } }
    'a hook for another port'        = @{ Share = 1; Make = { Register-PacketHook TcpOut -Port 9 -Drop } }
    'C#, looks'                      = @{ Share = 1; Make = { Register-PacketHook TcpOut -Handler ([HookCosts]::Looks) } }
    'C#, changes a field'            = @{ Share = 1; Make = { Register-PacketHook TcpOut -Handler ([HookCosts]::Changes) } }
    'C#, changes a packet object'    = @{ Share = 0.5; Make = { Register-PacketHook TcpOut -Handler ([HookCosts]::Objects) } }
    '-Set @{ ''Tcp.Window'' = 30000 }' = @{ Share = 0.5; Make = { Register-PacketHook TcpOut -Set @{ 'Tcp.Window' = 30000 } } }
    'script, does nothing'           = @{ Share = 0.1; Make = { Register-PacketHook TcpOut { } } }
    'script, changes a field'        = @{ Share = 0.1; Make = { Register-PacketHook TcpOut { $_.Tcp.Window = 30000 } } }
}

$times = @{}
foreach ($run in 0..$Runs) {
    foreach ($kind in $kinds.GetEnumerator()) {
        $hook = & $kind.Value.Make
        $count = [int] ($Segments * $kind.Value.Share)
        $null = [HookCosts]::Move($near, $far, $network, 200)
        $time = [HookCosts]::Move($near, $far, $network, $count)
        if ($hook) {
            if ($hook.Failed -or ($kind.Key -notlike '*another*' -and -not $hook.Matched)) { throw "$($kind.Key): $($hook.Errors)" }
            $hook | Unregister-PacketHook
        }
        # The first turn is for the compiler and the caches.
        if ($run -gt 0) { $times[$kind.Key] = @($times[$kind.Key]) + $time | Where-Object { $_ } }
    }
}

function Get-Median([double[]] $Values) { ($Values | Sort-Object)[[int][math]::Floor($Values.Count / 2)] }
'{0,-32} {1,14} {2,10}' -f 'hook at TcpOut', 'ns a segment', 'ratio'
foreach ($kind in $kinds.Keys) {
    $ratios = for ($i = 0; $i -lt $Runs; $i++) { @($times[$kind])[$i] / @($times['no hook'])[$i] }
    [string]::Format([cultureinfo]::InvariantCulture, '{0,-32} {1,14:F0} {2,10:F2}', $kind, (Get-Median $times[$kind]), (Get-Median $ratios))
}
Get-TcpStack | Stop-TcpStack -Force
